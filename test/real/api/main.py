"""One governed execution by the generated client: the request on standard input, what came of it on standard output."""

import json
import os
import sys

from chancery_client import AuthenticatedClient
from chancery_client.api.workflows import post_workflows_governed_execute as execute
from chancery_client.models import PostWorkflowsGovernedExecuteBody as Body

client = AuthenticatedClient(base_url=os.environ["CHANCERY_URL"], token=os.environ["CHANCERY_TOKEN"])
answer = execute.sync(client=client, body=Body.from_dict(json.load(sys.stdin)))
print(answer.decision_id, answer.outcome, answer.receipt.id)
