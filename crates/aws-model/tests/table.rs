//! The table: every service unpacks, and what others look up in it is there.

#![expect(clippy::panic, reason = "a test that cannot go on fails")]

use aws_model::{Kind, Protocol, Service, service, service_names};

fn known(name: &str) -> std::sync::Arc<Service> {
    service(name).unwrap_or_else(|| panic!("no service {name}"))
}

#[test]
fn every_service_unpacks() {
    let (mut services, mut operations) = (0, 0);
    for name in service_names() {
        let service = known(name);
        assert_eq!(&*service.name, name);
        services += 1;
        operations += service.operations().len();
        for operation in service.operations() {
            for place in [&operation.input, &operation.output].into_iter().flatten() {
                assert!(service.structure(place).is_some(), "{name}.{}", operation.name);
            }
        }
    }
    assert!(services > 430 && operations > 19_000, "{services} services, {operations} operations");
}

#[test]
fn names_are_those_of_step_functions() {
    // Resource, prefix of errors, id: the page "Supported AWS SDK service integrations".
    for (name, prefix, id) in [
        ("dynamodb", "DynamoDb", "DynamoDB"),
        ("sfn", "Sfn", "SFN"),
        ("cloudwatchlogs", "CloudWatchLogs", "CloudWatch Logs"),
        ("simpledbv2", "SimpleDbV2", "SimpleDBv2"),
        ("elasticloadbalancingv2", "ElasticLoadBalancingV2", "Elastic Load Balancing v2"),
        ("sagemakera2iruntime", "SageMakerA2IRuntime", "SageMaker A2I Runtime"),
        ("iot", "Iot", "IoT"),
        ("config", "Config", "Config Service"),
        ("directoryservicedata", "DirectoryServiceData", "Directory Service Data"),
        ("ec2", "Ec2", "EC2"),
        ("wafv2", "Wafv2", "WAFV2"),
    ] {
        let service = known(name);
        assert_eq!((&*service.prefix, &*service.id), (prefix, id), "{name}");
    }
    assert!(service("DynamoDB").is_none() && service("stepfunctions").is_none() && service("").is_none());
}

#[test]
fn actions_and_members_are_found() {
    let rds = known("rds");
    let operation = rds.operation("describeDBInstances").expect("an action");
    assert!(rds.operation("DescribeDBInstances").is_none());
    let input = rds.structure(operation.input.as_ref().expect("an input")).expect("a structure");
    let member = input.member("DbInstanceIdentifier").expect("a member");
    assert_eq!((&*member.name, member.required), ("DBInstanceIdentifier", false));

    let lambda = known("lambda");
    let operation = lambda.operation("getFunction").expect("an action");
    let output = lambda.structure(operation.output.as_ref().expect("an output")).expect("a structure");
    let configuration = output.member("Configuration").expect("a member");
    let configuration = lambda.structure(&configuration.reference).expect("a structure");
    // Recorded, from when the service still had this maximum.
    let memory = lambda.shape(&configuration.member("MemorySize").expect("a member").reference);
    assert!(matches!(memory.kind, Kind::Integer));
    assert_eq!((memory.minimum, memory.maximum), (Some(128.0), Some(10_240.0)));

    let s3 = known("s3");
    let operation = s3.operation("getObject").expect("an action");
    let output = s3.structure(operation.output.as_ref().expect("an output")).expect("a structure");
    let class = s3.shape(&output.member("StorageClass").expect("a member").reference);
    assert!(class.values.iter().any(|value| &**value == "GLACIER"));
    // Event streams cannot be the result of a task.
    assert!(s3.operation("selectObjectContent").is_none());
}

#[test]
fn protocols_and_endpoints() {
    let check = |name: &str, action: &str, partition: &str, expected: Option<(&str, &str)>| {
        let service = known(name);
        let operation = service.operation(action).unwrap_or_else(|| panic!("{name}:{action}"));
        let region = if partition == "aws-cn" { "cn-north-1" } else { "eu-central-1" };
        let found = service.endpoint(operation, partition, region);
        let expected = expected.map(|(url, region)| (url.to_owned(), region.to_owned()));
        assert_eq!(found, expected, "{name}:{action} in {partition}");
    };
    check(
        "dynamodb",
        "putItem",
        "aws",
        Some(("https://dynamodb.eu-central-1.amazonaws.com", "eu-central-1")),
    );
    check("sqs", "sendMessage", "aws-cn", Some(("https://sqs.cn-north-1.amazonaws.com.cn", "cn-north-1")));
    check("iam", "listRoles", "aws", Some(("https://iam.amazonaws.com", "us-east-1")));
    check(
        "networkmanager",
        "listCoreNetworks",
        "aws",
        Some(("https://networkmanager.us-west-2.amazonaws.com", "us-west-2")),
    );
    check(
        "acm",
        "createAcmeEndpoint",
        "aws",
        Some(("https://acm-acme.eu-central-1.api.aws", "eu-central-1")),
    );
    check("acm", "listCertificates", "aws", Some(("https://acm.eu-central-1.amazonaws.com", "eu-central-1")));
    check("cloudfrontkeyvaluestore", "putKey", "aws", None);
    for (name, protocol) in [
        ("dynamodb", Protocol::Json),
        ("iam", Protocol::Query),
        ("ec2", Protocol::Ec2),
        ("lambda", Protocol::RestJson),
        ("route53", Protocol::RestXml),
        ("partnercentralrevenuemeasurement", Protocol::RpcV2Cbor),
    ] {
        assert_eq!(known(name).protocol, protocol, "{name}");
    }
}

#[test]
fn what_may_be_repeated() {
    for (name, action, expected) in [
        ("dynamodb", "getItem", true),
        ("dynamodb", "putItem", false),
        ("ec2", "describeInstances", true),
        ("ec2", "runInstances", true),
        ("sfn", "getActivityTask", false),
        ("sqs", "sendMessage", false),
        ("sqs", "receiveMessage", false),
        ("secretsmanager", "createSecret", true),
        ("iot", "getterless", false),
    ] {
        let service = known(name);
        let found = service.operation(action).is_some_and(|operation| operation.is_repeatable(&service));
        assert_eq!(found, expected, "{name}:{action}");
    }
}
