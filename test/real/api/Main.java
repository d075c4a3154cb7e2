// One governed execution by the generated client: the request on standard input, what came of it on standard output.
import com.fasterxml.jackson.databind.ObjectMapper;
import org.openapitools.client.ApiClient;
import org.openapitools.client.JSON;
import org.openapitools.client.api.WorkflowsApi;
import org.openapitools.client.model.PostWorkflowsGovernedExecuteRequest;
import org.openapitools.client.model.Ran;

public class Main {
  public static void main(String[] args) throws Exception {
    ApiClient client = new ApiClient();
    client.updateBaseUri(System.getenv("CHANCERY_URL"));
    client.setRequestInterceptor(
        request -> request.header("Authorization", "Bearer " + System.getenv("CHANCERY_TOKEN")));
    PostWorkflowsGovernedExecuteRequest request =
        client.getObjectMapper().readValue(System.in, PostWorkflowsGovernedExecuteRequest.class);
    Ran ran = new WorkflowsApi(client).postWorkflowsGovernedExecute(request, null, null);
    System.out.println(ran.getDecisionId() + " " + ran.getOutcome() + " " + ran.getReceipt().getId());
  }
}
