//! The optimised integrations as the developer guide lists them ("Integrating optimized services"): APIs, patterns and
//! parameters. What of it the service checks when a state machine is created stands in `parse::task`; this is the rest.

/// An API of an optimised integration.
pub(super) struct Api {
    /// The service's name in resources.
    pub(super) service: &'static str,
    /// The API's name.
    pub(super) name: &'static str,
    /// Patterns besides request response: `s`ync, wait for task `t`oken.
    pub(super) patterns: &'static str,
    /// Parameters that the call cannot do without, in words; alternatives with `|`.
    pub(super) required: &'static str,
    /// All parameters, where the documentation lists them as complete.
    pub(super) parameters: &'static str,
}

const fn api(
    service: &'static str,
    name: &'static str,
    patterns: &'static str,
    required: &'static str,
    parameters: &'static str,
) -> Api {
    Api { service, name, patterns, required, parameters }
}

/// The API of a resource.
pub(super) fn find(service: &str, name: &str) -> Option<&'static Api> {
    APIS.iter().find(|api| api.service == service && api.name == name)
}

/// Whether the list has that service.
pub(super) fn is_listed(service: &str) -> bool {
    APIS.iter().any(|api| api.service == service)
}

/// The APIs of a service.
pub(super) fn names(service: &str) -> impl Iterator<Item = &'static str> {
    APIS.iter().filter(move |api| api.service == service).map(|api| api.name)
}

const APIS: [Api; 66] = [
    api(
        "apigateway",
        "invoke",
        "t",
        "ApiEndpoint Method",
        "ApiEndpoint Method Headers Stage Path QueryParameters RequestBody AllowNullValues AuthType",
    ),
    api("athena", "startQueryExecution", "s", "QueryString", ""),
    api("athena", "stopQueryExecution", "", "QueryExecutionId", ""),
    api("athena", "getQueryExecution", "", "QueryExecutionId", ""),
    api("athena", "getQueryResults", "", "QueryExecutionId", ""),
    api("batch", "submitJob", "s", "JobDefinition JobName JobQueue", ""),
    api("bedrock", "invokeModel", "t", "ModelId Body|Input", ""),
    api("bedrock", "createModelCustomizationJob", "s", "", ""),
    api("bedrockagentcore", "invokeHarness", "", "HarnessArn", ""),
    api("codebuild", "startBuild", "s", "ProjectName", ""),
    api("codebuild", "startBuildBatch", "s", "ProjectName", ""),
    api("codebuild", "retryBuildBatch", "s", "", ""),
    api("codebuild", "stopBuild", "", "Id", ""),
    api("codebuild", "stopBuildBatch", "", "Id", ""),
    api("codebuild", "batchDeleteBuilds", "", "Ids", ""),
    api("codebuild", "batchGetReports", "", "ReportArns", ""),
    api("codebuild", "deleteBuildBatch", "", "Id", ""),
    api("databrew", "startJobRun", "s", "Name", ""),
    api("dynamodb", "getItem", "", "", ""),
    api("dynamodb", "putItem", "", "", ""),
    api("dynamodb", "updateItem", "", "TableName Key", ""),
    api("dynamodb", "deleteItem", "", "TableName Key", ""),
    api("ecs", "runTask", "st", "", ""),
    api("eks", "createCluster", "s", "Name ResourcesVpcConfig RoleArn", ""),
    api("eks", "deleteCluster", "s", "Name", ""),
    api("eks", "createNodegroup", "s", "ClusterName NodegroupName NodeRole Subnets", ""),
    api("eks", "deleteNodegroup", "s", "ClusterName NodegroupName", ""),
    api("eks", "createFargateProfile", "s", "ClusterName FargateProfileName PodExecutionRoleArn", ""),
    api("eks", "deleteFargateProfile", "s", "ClusterName FargateProfileName", ""),
    api("eks", "runJob", "st", "ClusterName CertificateAuthority Endpoint Job", ""),
    api("eks", "call", "t", "ClusterName CertificateAuthority Endpoint Method Path", ""),
    api("elasticmapreduce", "createCluster", "s", "Name", ""),
    api("elasticmapreduce", "terminateCluster", "s", "ClusterId", ""),
    api("elasticmapreduce", "addStep", "s", "ClusterId Step", ""),
    api("elasticmapreduce", "setClusterTerminationProtection", "", "ClusterId", ""),
    api("elasticmapreduce", "cancelStep", "", "ClusterId StepId", ""),
    api("elasticmapreduce", "modifyInstanceFleetByName", "", "ClusterId", ""),
    api("elasticmapreduce", "modifyInstanceGroupByName", "", "ClusterId", ""),
    api("emr-containers", "startJobRun", "s", "VirtualClusterId", ""),
    api("emr-containers", "deleteVirtualCluster", "s", "Id", ""),
    api("emr-containers", "createVirtualCluster", "", "Name ContainerProvider", ""),
    api("emr-serverless", "createApplication", "s", "", ""),
    api("emr-serverless", "startApplication", "s", "ApplicationId", ""),
    api("emr-serverless", "stopApplication", "s", "ApplicationId", ""),
    api("emr-serverless", "deleteApplication", "s", "ApplicationId", ""),
    api("emr-serverless", "startJobRun", "s", "ApplicationId ExecutionRoleArn", ""),
    api("emr-serverless", "cancelJobRun", "s", "ApplicationId JobRunId", ""),
    api("events", "putEvents", "t", "", "Entries EndpointId"),
    api("glue", "startJobRun", "s", "", ""),
    api(
        "http",
        "invoke",
        "",
        "ApiEndpoint Method InvocationConfig|Authentication",
        "ApiEndpoint Method InvocationConfig Authentication Headers QueryParameters RequestBody Transform",
    ),
    api("lambda", "invoke", "t", "", "FunctionName Payload Qualifier ClientContext InvocationType LogType"),
    api("mediaconvert", "createJob", "s", "Role Settings", ""),
    api("sagemaker", "createTrainingJob", "s", "TrainingJobName", ""),
    api("sagemaker", "createTransformJob", "s", "TransformJobName", ""),
    api("sagemaker", "createProcessingJob", "s", "ProcessingJobName", ""),
    api("sagemaker", "createHyperParameterTuningJob", "s", "HyperParameterTuningJobName", ""),
    api("sagemaker", "createLabelingJob", "s", "LabelingJobName", ""),
    api("sagemaker", "createModel", "", "ModelName", ""),
    api("sagemaker", "createEndpoint", "", "EndpointName EndpointConfigName", ""),
    api("sagemaker", "createEndpointConfig", "", "EndpointConfigName", ""),
    api("sagemaker", "updateEndpoint", "", "EndpointName EndpointConfigName", ""),
    api(
        "sns",
        "publish",
        "t",
        "TopicArn|TargetArn|PhoneNumber",
        "TopicArn TargetArn PhoneNumber Message MessageAttributes MessageStructure MessageDeduplicationId MessageGroupId \
         Subject",
    ),
    api(
        "sqs",
        "sendMessage",
        "t",
        "",
        "QueueUrl MessageBody DelaySeconds MessageAttributes MessageDeduplicationId MessageGroupId MessageSystemAttributes",
    ),
    api("states", "startExecution", "st", "", "StateMachineArn Input Name TraceHeader"),
    api("s3", "getObject", "", "", ""),
    api("s3", "listObjectsV2", "", "", ""),
];
