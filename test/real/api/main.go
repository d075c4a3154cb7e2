// One governed execution by the generated client: the request on standard input, what came of it on standard output.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	"chancery.example/client/chancery"
)

func main() {
	bearer := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+os.Getenv("CHANCERY_TOKEN"))
		return nil
	}
	client, err := chancery.NewClientWithResponses(os.Getenv("CHANCERY_URL"), chancery.WithRequestEditorFn(bearer))
	if err != nil {
		panic(err)
	}
	var request chancery.PostWorkflowsGovernedExecuteJSONRequestBody
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		panic(err)
	}
	answer, err := client.PostWorkflowsGovernedExecuteWithResponse(context.Background(), nil, request)
	if err != nil {
		panic(err)
	}
	if answer.JSON200 == nil {
		panic(string(answer.Body))
	}
	fmt.Println(answer.JSON200.DecisionId, answer.JSON200.Outcome, answer.JSON200.Receipt.Id)
}
