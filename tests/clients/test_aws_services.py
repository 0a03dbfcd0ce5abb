"""AWS services as tasks, against a real moto server: `aws-sdk:<service>:<action>` in every protocol, over 40 services, and optimised
integrations.

A row is a task. What it gives is compared with what boto3 gives for the same call, where a second call gives the same; errors are
compared by name. moto comes from the environment of these tests (`pip install moto[server]`).
"""

import contextlib
import hashlib
import json
import pathlib
import re
import socket
import subprocess
import sys
import time
import uuid

import boto3
import pytest
from conftest import ACCOUNT, REGION, ROLE, ROOT, free_port, until

sys.path.insert(0, str(ROOT / "xtask/src/aws_protocols"))
from expectations import as_workflow  # noqa: E402

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    """The URL of a moto server that ends with the tests of this file."""
    port = free_port()
    log = open(tmp_path_factory.mktemp("moto") / "moto.log", "wb")
    program = pathlib.Path(sys.executable).parent / "moto_server"
    process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
        assert process.poll() is None and time.monotonic() < deadline, f"moto does not start, see {log.name}"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait()


@pytest.fixture(scope="module")
def stepwell(moto, tmp_path_factory):
    """A server for which moto is AWS, and a client of it."""
    from conftest import Server

    env = {"AWS_ENDPOINT_URL": moto, "AWS_ACCESS_KEY_ID": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true"}
    server = Server(tmp_path_factory.mktemp("aws") / "data", free_port(), [], env).start()
    yield server.client()
    server.stop()


@pytest.fixture(scope="module")
def boto(moto):
    """boto3 clients of moto, in the account that Stepwell calls for."""
    return lambda service: boto3.client(
        service, endpoint_url=moto, region_name=REGION, aws_access_key_id=ACCOUNT, aws_secret_access_key="test"
    )


@pytest.fixture(scope="module")
def run(stepwell):
    """Runs one task and returns its result, or the error's name and cause."""
    machines = {}

    def task(resource, parameters, kind="aws-sdk:"):
        resource = kind + resource
        if resource not in machines:
            state = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True}
            state["Arguments"] = "{% $states.input %}"
            definition = {"QueryLanguage": "JSONata", "StartAt": "Call", "States": {"Call": state}}
            machines[resource] = stepwell.create_state_machine(
                name=f"m-{uuid.uuid4().hex[:12]}", definition=json.dumps(definition), roleArn=ROLE, type="EXPRESS"
            )["stateMachineArn"]
        answer = stepwell.start_sync_execution(stateMachineArn=machines[resource], input=json.dumps(parameters))
        return json.loads(answer["output"]) if answer["status"] == "SUCCEEDED" else (answer["error"], answer["cause"])

    return task


# What there has to be, in order: action, parameters, and a member that the result has.
MAKE = [
    ("dynamodb:createTable", {"TableName": "t", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}], "BillingMode": "PAY_PER_REQUEST"}, "TableDescription"),
    ("dynamodb:putItem", {"TableName": "t", "Item": {"id": {"S": "1"}, "n": {"N": "5"}, "yes": {"Bool": True}, "set": {"Ss": ["a"]}, "none": {"Nul": True}}}, None),
    ("sqs:createQueue", {"QueueName": "q", "Attributes": {"VisibilityTimeout": "0"}}, "QueueUrl"),
    ("sns:createTopic", {"Name": "topic"}, "TopicArn"),
    ("s3:createBucket", {"Bucket": "bucket"}, "Location"),
    ("s3:putObject", {"Bucket": "bucket", "Key": "a b/ü.json", "Body": {"Dict": "Value"}, "Metadata": {"k": "v"}}, "ETag"),
    ("s3:copyObject", {"Bucket": "bucket", "Key": "copy", "CopySource": "bucket/a%20b/%C3%BC.json"}, "CopyObjectResult"),
    ("ecs:createCluster", {"ClusterName": "c"}, "Cluster"),
    ("glue:createDatabase", {"DatabaseInput": {"Name": "db"}}, None),
    ("athena:createWorkGroup", {"Name": "w", "Configuration": {"ResultConfiguration": {"OutputLocation": "s3://bucket/"}}}, None),
    ("sagemaker:createModel", {"ModelName": "model", "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "i"}}, "ModelArn"),
    ("eventbridge:putRule", {"Name": "r", "ScheduleExpression": "rate(1 hour)"}, "RuleArn"),
    ("eventbridge:putEvents", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": {"a": 1}}]}, "FailedEntryCount"),
    ("iam:createRole", {"RoleName": "role", "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": []}}, "Role"),
    ("ec2:createVpc", {"CidrBlock": "10.0.0.0/16", "TagSpecifications": [{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "v&w"}]}]}, "Vpc"),
    ("secretsmanager:createSecret", {"Name": "secret", "SecretString": {"user": "me"}}, "Arn"),
    ("ssm:putParameter", {"Name": "p", "Value": "v", "Type": "String"}, "Version"),
    ("kms:createKey", {"Description": "d"}, "KeyMetadata"),
    ("cloudwatchlogs:createLogGroup", {"LogGroupName": "g"}, None),
    ("cloudwatch:putMetricData", {"Namespace": "ns", "MetricData": [{"MetricName": "m", "Value": 1.5}]}, None),
    ("route53:createHostedZone", {"Name": "example.com.", "CallerReference": "ref"}, "HostedZone"),
    ("apigateway:createRestApi", {"Name": "api"}, "Id"),
    ("apigatewayv2:createApi", {"Name": "api", "ProtocolType": "HTTP"}, "ApiId"),
    ("kinesis:createStream", {"StreamName": "stream", "ShardCount": 1}, None),
    ("kinesis:putRecord", {"StreamName": "stream", "PartitionKey": "k", "Data": {"a": 1}}, "SequenceNumber"),
    ("cloudformation:createStack", {"StackName": "stack", "TemplateBody": {"Resources": {"T": {"Type": "AWS::SNS::Topic"}}}}, "StackId"),
    ("rds:createDBInstance", {"DbInstanceIdentifier": "db", "DbInstanceClass": "db.m1.small", "Engine": "postgres", "MasterUsername": "me", "MasterUserPassword": "secret99", "AllocatedStorage": 5}, "DbInstance"),
    ("cognitoidentityprovider:createUserPool", {"PoolName": "pool"}, "UserPool"),
    ("ecr:createRepository", {"RepositoryName": "repo"}, "Repository"),
    ("efs:createFileSystem", {"CreationToken": "c"}, "FileSystemId"),
    ("acm:requestCertificate", {"DomainName": "example.com"}, "CertificateArn"),
    ("ses:verifyEmailIdentity", {"EmailAddress": "a@example.com"}, None),
    ("iot:createThing", {"ThingName": "thing"}, "ThingArn"),
    ("servicediscovery:createHttpNamespace", {"Name": "ns"}, "OperationId"),
]

# Reads: action, boto3's service and method, parameters as a workflow has them, parameters as boto3 has them.
READ = [
    ("dynamodb:getItem", "dynamodb", "get_item", {"TableName": "t", "Key": {"id": {"S": "1"}}}, None),
    ("dynamodb:scan", "dynamodb", "scan", {"TableName": "t"}, None),
    ("dynamodb:describeTable", "dynamodb", "describe_table", {"TableName": "t"}, None),
    ("sqs:listQueues", "sqs", "list_queues", {}, None),
    ("sns:listTopics", "sns", "list_topics", {}, None),
    ("s3:listBuckets", "s3", "list_buckets", {}, None),
    ("s3:listObjectsV2", "s3", "list_objects_v2", {"Bucket": "bucket"}, None),
    ("s3:headObject", "s3", "head_object", {"Bucket": "bucket", "Key": "copy"}, None),
    ("s3:getBucketVersioning", "s3", "get_bucket_versioning", {"Bucket": "bucket"}, None),
    ("ecs:describeClusters", "ecs", "describe_clusters", {"Clusters": ["c"]}, {"clusters": ["c"]}),
    ("batch:describeJobQueues", "batch", "describe_job_queues", {}, None),
    ("glue:getDatabase", "glue", "get_database", {"Name": "db"}, None),
    ("athena:getWorkGroup", "athena", "get_work_group", {"WorkGroup": "w"}, None),
    ("sagemaker:listModels", "sagemaker", "list_models", {}, None),
    ("eventbridge:listRules", "events", "list_rules", {}, None),
    ("iam:getRole", "iam", "get_role", {"RoleName": "role"}, None),
    ("iam:listRoles", "iam", "list_roles", {}, None),
    ("ec2:describeVpcs", "ec2", "describe_vpcs", {"Filters": [{"Name": "tag:Name", "Values": ["v&w"]}]}, None),
    ("ec2:describeSubnets", "ec2", "describe_subnets", {}, None),
    ("secretsmanager:getSecretValue", "secretsmanager", "get_secret_value", {"SecretId": "secret"}, None),
    ("ssm:getParameter", "ssm", "get_parameter", {"Name": "p"}, None),
    ("kms:listKeys", "kms", "list_keys", {}, None),
    ("cloudwatchlogs:describeLogGroups", "logs", "describe_log_groups", {}, None),
    ("cloudwatch:listMetrics", "cloudwatch", "list_metrics", {}, None),
    ("sts:getCallerIdentity", "sts", "get_caller_identity", {}, None),
    ("route53:listHostedZones", "route53", "list_hosted_zones", {}, None),
    ("lambda:listFunctions", "lambda", "list_functions", {}, None),
    ("apigateway:getRestApis", "apigateway", "get_rest_apis", {}, None),
    ("apigatewayv2:getApis", "apigatewayv2", "get_apis", {}, None),
    ("kinesis:describeStreamSummary", "kinesis", "describe_stream_summary", {"StreamName": "stream"}, None),
    ("cloudformation:describeStacks", "cloudformation", "describe_stacks", {}, None),
    ("rds:describeDBInstances", "rds", "describe_db_instances", {}, None),
    ("cognitoidentityprovider:listUserPools", "cognito-idp", "list_user_pools", {"MaxResults": 10}, None),
    ("ecr:describeRepositories", "ecr", "describe_repositories", {}, None),
    ("efs:describeFileSystems", "efs", "describe_file_systems", {}, None),
    ("acm:listCertificates", "acm", "list_certificates", {}, None),
    ("ses:listIdentities", "ses", "list_identities", {}, None),
    ("iot:listThings", "iot", "list_things", {}, None),
    ("servicediscovery:listNamespaces", "servicediscovery", "list_namespaces", {}, None),
    ("autoscaling:describeAutoScalingGroups", "autoscaling", "describe_auto_scaling_groups", {}, None),
    ("elasticloadbalancingv2:describeLoadBalancers", "elbv2", "describe_load_balancers", {}, None),
    ("redshift:describeClusters", "redshift", "describe_clusters", {}, None),
    ("emr:listClusters", "emr", "list_clusters", {}, None),
    ("eks:listClusters", "eks", "list_clusters", {}, None),
    ("cloudfront:listDistributions", "cloudfront", "list_distributions", {}, None),
    ("codebuild:listProjects", "codebuild", "list_projects", {}, None),
    ("elasticache:describeCacheClusters", "elasticache", "describe_cache_clusters", {}, None),
    ("resourcegroupstaggingapi:getResources", "resourcegroupstaggingapi", "get_resources", {}, None),
    ("opensearch:listDomainNames", "opensearch", "list_domain_names", {}, None),
    ("wafv2:listWebACLs", "wafv2", "list_web_acls", {"Scope": "REGIONAL"}, None),
]

ERRORS = [
    ("dynamodb:getItem", {"TableName": "none", "Key": {"id": {"S": "1"}}}, "DynamoDb.ResourceNotFoundException"),
    ("s3:getObject", {"Bucket": "bucket", "Key": "none"}, "S3.NoSuchKeyException"),
    ("s3:headObject", {"Bucket": "bucket", "Key": "none"}, "S3.NoSuchKeyException"),
    ("s3:listObjects", {"Bucket": "no-such-bucket"}, "S3.NoSuchBucketException"),
    ("iam:getRole", {"RoleName": "none"}, "Iam.NoSuchEntityException"),
    ("ec2:describeInstances", {"InstanceIds": ["i-1"]}, "Ec2.Ec2Exception"),
    ("lambda:getFunction", {"FunctionName": "none"}, "Lambda.ResourceNotFoundException"),
    ("route53:getHostedZone", {"Id": "ZNONE"}, "Route53.NoSuchHostedZoneException"),
    ("rds:startDBInstance", {"DbInstanceIdentifier": "none"}, "Rds.DbInstanceNotFoundException"),
    ("sqs:getQueueUrl", {"QueueName": "none"}, "Sqs.QueueDoesNotExistException"),
    ("secretsmanager:getSecretValue", {"SecretId": "none"}, "SecretsManager.ResourceNotFoundException"),
    ("ssm:getParameter", {"Name": "none"}, "Ssm.ParameterNotFoundException"),
    ("sqs:sendMessage", {"QueueUrl": "x"}, "States.Runtime"),
]


@pytest.fixture(scope="module")
def made(run):
    """The results of everything in MAKE."""
    return {action: run(action, parameters) for action, parameters, _ in MAKE}


def test_everything_can_be_made(made):
    wrong = {}
    for action, _, member in MAKE:
        result = made[action]
        if isinstance(result, tuple) or (member and member not in result):
            wrong[action] = result
    assert not wrong


def test_reads_give_what_boto3_gives(made, run, boto):
    wrong = {}
    for action, service, method, parameters, theirs in READ:
        client = boto(service)
        expected = getattr(client, method)(**(parameters if theirs is None else theirs))
        expected.pop("ResponseMetadata")
        shape = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[method]).output_shape
        expected = as_workflow(expected, shape)
        result = run(action, parameters)
        if _comparable(result) != _comparable(expected):
            wrong[action] = f"ours {json.dumps(result)}, boto3's {json.dumps(expected)}"
    assert not wrong, "\n".join(f"{action}: {difference}" for action, difference in wrong.items())


def _comparable(value):
    """Without moments (moto often gives the current one) and what boto3 adds or unpacks on its own."""
    if isinstance(value, dict):
        boto3s = ("EncodingType", "AssumeRolePolicyDocument")
        return {key: _comparable(item) for key, item in value.items() if key not in boto3s}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return "moment" if isinstance(value, str) and MOMENT.fullmatch(value) else value


def test_errors_have_the_names_of_step_functions(made, run):
    found = {action: run(action, parameters) for action, parameters, _ in ERRORS}
    wrong = {action: found[action] for action, _, name in ERRORS if found[action][0] != name}
    assert not wrong
    prefix = "Requested resource not found (Service: DynamoDb, Status Code: 400, Request ID: "
    assert found["dynamodb:getItem"][1].startswith(prefix)


def test_there_are_enough_services_and_all_protocols():
    services = {row[0].split(":")[0] for row in MAKE + READ}
    assert len(services) >= 40, sorted(services)


def test_bytes_are_text_and_streams_are_json(made, run, boto):
    body = boto("s3").get_object(Bucket="bucket", Key="a b/ü.json")
    assert body["Body"].read() == b'{"Dict":"Value"}' and body["ContentType"] == "text/plain; charset=UTF-8"
    found = run("s3:getObject", {"Bucket": "bucket", "Key": "copy"})
    assert found["Body"] == '{"Dict":"Value"}' and found["Metadata"] == {"k": "v"}
    key = made["kms:createKey"]["KeyMetadata"]["KeyId"]
    encrypted = run("kms:encrypt", {"KeyId": key, "Plaintext": "hello"})
    assert encrypted["CiphertextBlob"]
    message = run("sqs:sendMessage", {"QueueUrl": made["sqs:createQueue"]["QueueUrl"], "MessageBody": {"a": 1}})
    received = run("sqs:receiveMessage", {"QueueUrl": made["sqs:createQueue"]["QueueUrl"]})
    assert received["Messages"][0]["Body"] == '{"a":1}'
    assert received["Messages"][0]["MessageId"] == message["MessageId"]


def test_a_task_token_goes_out_with_a_message_and_ends_the_task(made, stepwell, boto):
    queue = boto("sqs").create_queue(QueueName="tokens")["QueueUrl"]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": queue, "MessageBody": {"token.$": "$$.Task.Token"}},
        "End": True,
    }
    definition = {"StartAt": "Ask", "States": {"Ask": state}}
    machine = stepwell.create_state_machine(name=f"m-{uuid.uuid4().hex}", definition=json.dumps(definition), roleArn=ROLE)
    execution = stepwell.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    message = until(lambda: boto("sqs").receive_message(QueueUrl=queue).get("Messages"))[0]
    stepwell.send_task_success(taskToken=json.loads(message["Body"])["token"], output='{"said":"yes"}')
    ended = until(lambda: _ended(stepwell, execution))
    assert (ended["status"], json.loads(ended["output"])) == ("SUCCEEDED", {"said": "yes"})
    events = stepwell.get_execution_history(executionArn=execution)["events"]
    submitted = next(event for event in events if event["type"] == "TaskSubmitted")["taskSubmittedEventDetails"]
    assert submitted["resourceType"] == "aws-sdk:sqs" and "MessageId" in json.loads(submitted["output"])


def test_optimised_integrations(run, stepwell, boto):
    def task(resource, parameters):
        return run(resource, parameters, kind="")

    boto("dynamodb").create_table(
        TableName="o", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}], BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
    )
    key = {"id": {"S": "1"}}
    item = {**key, "yes": {"BOOL": True}, "set": {"SS": ["a"]}, "none": {"NULL": True}}
    put = task("dynamodb:putItem", {"TableName": "o", "Item": item})
    assert put["SdkHttpMetadata"]["HttpStatusCode"] == 200 and put["SdkResponseMetadata"]["RequestId"]
    assert task("dynamodb:getItem", {"TableName": "o", "Key": key})["Item"] == item
    update = {"UpdateExpression": "SET n = :n", "ExpressionAttributeValues": {":n": {"N": "5"}}, "ReturnValues": "UPDATED_NEW"}
    assert task("dynamodb:updateItem", {"TableName": "o", "Key": key, **update})["Attributes"] == {"n": {"N": "5"}}
    condition = {"ConditionExpression": "n = :n", "ExpressionAttributeValues": {":n": {"N": "6"}}}
    error, cause = task("dynamodb:deleteItem", {"TableName": "o", "Key": key, **condition})
    assert error == "DynamoDB.ConditionalCheckFailedException"
    assert "(Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException; Request ID: " in cause
    task("dynamodb:deleteItem", {"TableName": "o", "Key": key})
    assert "Item" not in task("dynamodb:getItem", {"TableName": "o", "Key": key})

    queue = boto("sqs").create_queue(QueueName="optimised")["QueueUrl"]
    arn = boto("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sent = task("sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"a": 1}})
    body = _received(boto, queue)
    assert body == {"a": 1} and sent["MD5OfMessageBody"] == hashlib.md5(b'{"a":1}').hexdigest()
    topic = boto("sns").create_topic(Name="optimised")["TopicArn"]
    boto("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    published = task("sns:publish", {"TopicArn": topic, "Message": {"b": 2}})
    body = _received(boto, queue)
    assert (body["MessageId"], json.loads(body["Message"])) == (published["MessageId"], {"b": 2})
    assert task("sns:publish", {"TopicArn": topic + "x", "Message": "m"})[0] == "SNS.NotFoundException"

    boto("events").put_rule(Name="optimised", EventPattern='{"source":["optimised"]}')
    boto("events").put_targets(Rule="optimised", Targets=[{"Id": "1", "Arn": arn}])
    entry = {"Source": "optimised", "DetailType": "d", "Detail": {"c": 3}, "Resources": ["mine"]}
    done = task("events:putEvents", {"Entries": [entry]})
    assert done["FailedEntryCount"] == 0 and sorted(done) == ["Entries", "FailedEntryCount"]
    body = _received(boto, queue)
    assert body["detail"] == {"c": 3} and body["resources"][0] == "mine"
    machine, execution = body["resources"][1:]
    assert stepwell.describe_state_machine(stateMachineArn=machine)["stateMachineArn"] == machine
    assert execution.split(":")[5:7] == ["express", machine.split(":")[6]]
    error, cause = task("events:putEvents", {"Entries": [entry, {"DetailType": "d", "Detail": "{}"}]})
    assert error == "EventBridge.FailedEntry" and json.loads(cause)["FailedEntryCount"] == 1
    assert _received(boto, queue)["detail"] == {"c": 3}


def _received(boto, queue):
    """The body of the next message, which is then gone."""
    message = until(lambda: boto("sqs").receive_message(QueueUrl=queue).get("Messages"))[0]
    boto("sqs").delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return json.loads(message["Body"])


def _ended(stepwell, execution):
    answer = stepwell.describe_execution(executionArn=execution)
    return answer if answer["status"] != "RUNNING" else None


def test_a_role_is_assumed_for_the_call(run, stepwell, boto):
    role = boto("iam").create_role(RoleName="caller", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity",
        "Credentials": {"RoleArn": role},
        "Parameters": {},
        "End": True,
    }
    definition = json.dumps({"StartAt": "Who", "States": {"Who": state}})
    machine = stepwell.create_state_machine(name=f"m-{uuid.uuid4().hex}", definition=definition, roleArn=ROLE, type="EXPRESS")
    answer = stepwell.start_sync_execution(stateMachineArn=machine["stateMachineArn"])
    assert json.loads(answer["output"])["Arn"].endswith(":assumed-role/caller/stepwell"), answer


def test_nobody_there_is_a_client_exception(start_server):
    port = free_port()
    server = start_server(env={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
    state = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Parameters": {}, "End": True}
    sfn = server.client()
    machine = sfn.create_state_machine(
        name="m", definition=json.dumps({"StartAt": "A", "States": {"A": state}}), roleArn=ROLE, type="EXPRESS"
    )
    answer = sfn.start_sync_execution(stateMachineArn=machine["stateMachineArn"])
    assert answer["error"] == "Sqs.SdkClientException"
    assert answer["cause"].startswith(f"Unable to execute HTTP request: Connect to 127.0.0.1:{port} failed: ")
