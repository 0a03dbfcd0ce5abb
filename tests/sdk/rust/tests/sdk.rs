//! What a program does with the SDK: create, start, wait, page, answer tokens, poll activities, and read errors as the SDK's own.

use aws_sdk_sfn::Client;
use aws_sdk_sfn::types::{ExecutionStatus, HistoryEventType, StateMachineType, SyncExecutionStatus, Tag};
use sdk_rust::{ROLE, client, ended, function_arn, machine, start, unique, until};

fn double() -> String {
    format!(r#""Type":"Task","Resource":"{}""#, function_arn("double"))
}

#[tokio::test]
async fn a_state_machine_is_created_described_and_deleted() {
    let sfn = client();
    let create = sfn.create_state_machine().name(unique("rust")).role_arn(ROLE);
    let tag = Tag::builder().key("team").value("rust").build();
    let definition = r#"{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}"#;
    let created = create.definition(definition).tags(tag.clone()).send().await.expect("a state machine");
    let arn = created.state_machine_arn();
    let described = sfn.describe_state_machine().state_machine_arn(arn).send().await.expect("a description");
    assert_eq!(described.definition(), definition);
    assert_eq!(described.creation_date(), created.creation_date());
    let tags = sfn.list_tags_for_resource().resource_arn(arn).send().await.expect("tags");
    assert_eq!(tags.tags(), [tag]);
    sfn.delete_state_machine().state_machine_arn(arn).send().await.expect("its deletion");
}

#[tokio::test]
async fn an_execution_calls_a_function() {
    let sfn = client();
    let arn = machine(&sfn, &double(), StateMachineType::Standard).await;
    let found = ended(&sfn, &start(&sfn, &arn, r#"{"number":21}"#).await).await;
    assert_eq!((found.status(), found.output()), (&ExecutionStatus::Succeeded, Some("42")));
    let failed = ended(&sfn, &start(&sfn, &arn, r#"{"number":-1}"#).await).await;
    assert_eq!((failed.status(), failed.error()), (&ExecutionStatus::Failed, Some("Negative")));
}

#[tokio::test]
async fn a_name_starts_a_running_execution_once() {
    let sfn = client();
    let arn = machine(&sfn, r#""Type":"Wait","Seconds":3600"#, StateMachineType::Standard).await;
    let name = unique("run");
    let begin = |input: &str| sfn.start_execution().state_machine_arn(&arn).name(&name).input(input).send();
    let first = begin("1").await.expect("a start");
    let again = begin("1").await.expect("the same start");
    assert_eq!((&first.execution_arn, first.start_date), (&again.execution_arn, again.start_date));
    let other = begin("2").await.expect_err("another input").into_service_error();
    assert!(other.is_execution_already_exists(), "{other:?}");
    sfn.stop_execution().execution_arn(&first.execution_arn).send().await.expect("a stop");
    let closed = begin("1").await.expect_err("it has ended").into_service_error();
    assert!(closed.is_execution_already_exists(), "{closed:?}");
}

#[tokio::test]
async fn a_history_is_paged() {
    let sfn = client();
    let each = r#"{"StartAt":"Each","States":{"Each":{"Type":"Pass","End":true}}}"#;
    let arn = machine(&sfn, &format!(r#""Type":"Map","ItemProcessor":{each}"#), StateMachineType::Standard).await;
    let execution = start(&sfn, &arn, "[1,2,3,4,5,6,7,8,9,10]").await;
    ended(&sfn, &execution).await;
    for reverse in [false, true] {
        let history = sfn.get_execution_history().execution_arn(&execution).reverse_order(reverse);
        let mut pages = history.into_paginator().page_size(7).send();
        let (mut ids, mut iterations, mut count) = (Vec::new(), 0, 0);
        while let Some(page) = pages.next().await {
            let page = page.expect("a page");
            assert!(page.events().len() <= 7);
            count += 1;
            ids.extend(page.events().iter().map(|event| event.id));
            iterations +=
                page.events().iter().filter(|event| event.r#type == HistoryEventType::MapIterationSucceeded).count();
        }
        if reverse {
            ids.reverse();
        }
        // Start and end, the Map's entry, start, end and exit, and four events of each iteration.
        assert_eq!(ids, (1..=2 + 4 + 10 * 4).collect::<Vec<i64>>());
        assert_eq!((iterations, count), (10, ids.len().div_ceil(7)));
    }
}

#[tokio::test]
async fn executions_are_listed_page_by_page_and_stopped() {
    let sfn = client();
    let arn = machine(&sfn, r#""Type":"Wait","Seconds":3600"#, StateMachineType::Standard).await;
    let mut started = Vec::new();
    for number in 0..5 {
        started.push(start(&sfn, &arn, &number.to_string()).await);
    }
    let list = sfn.list_executions().state_machine_arn(&arn).status_filter(ExecutionStatus::Running);
    let mut items = list.into_paginator().page_size(2).items().send();
    let mut listed = Vec::new();
    while let Some(item) = items.next().await {
        listed.push(item.expect("an execution").execution_arn);
    }
    started.sort();
    listed.sort();
    assert_eq!(listed, started);
    for execution in &started {
        sfn.stop_execution().execution_arn(execution).error("Enough").send().await.expect("a stop");
    }
    let found = ended(&sfn, &started[0]).await;
    assert_eq!((found.status(), found.error()), (&ExecutionStatus::Aborted, Some("Enough")));
}

#[tokio::test]
async fn a_synchronous_start_answers_with_the_outcome() {
    let sfn = client();
    let arn = machine(&sfn, &double(), StateMachineType::Express).await;
    let run = |input: &str| sfn.start_sync_execution().state_machine_arn(&arn).input(input).send();
    let good = run(r#"{"number":4}"#).await.expect("an answer");
    assert_eq!((good.status(), good.output()), (&SyncExecutionStatus::Succeeded, Some("8")));
    assert!(good.billing_details().is_some_and(|billed| billed.billed_duration_in_milliseconds() > 0));
    let bad = run(r#"{"number":-4}"#).await.expect("an answer");
    assert_eq!((bad.status(), bad.error()), (&SyncExecutionStatus::Failed, Some("Negative")));
}

/// An execution that waits for the answer to its token, and the token.
async fn waiting(sfn: &Client) -> (String, String) {
    let state = format!(
        r#""Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken",
           "Parameters":{{"FunctionName":"{}","Payload":{{"token.$":"$$.Task.Token"}}}}"#,
        function_arn("receive")
    );
    let arn = machine(sfn, &state, StateMachineType::Standard).await;
    let execution = start(sfn, &arn, "{}").await;
    let token = until(|| async {
        let history = sfn.get_execution_history().execution_arn(&execution).send().await.expect("a history");
        let events = history.events();
        events.iter().find(|event| event.r#type == HistoryEventType::TaskSubmitted)?;
        let parameters = events.iter().find_map(|event| event.task_scheduled_event_details())?.parameters();
        let rest = parameters.split_once(r#""token":""#)?.1;
        Some(rest.split_once('"')?.0.to_owned())
    })
    .await;
    (execution, token)
}

#[tokio::test]
async fn a_token_is_answered_once() {
    let sfn = client();
    let (execution, token) = waiting(&sfn).await;
    sfn.send_task_heartbeat().task_token(&token).send().await.expect("a heartbeat");
    let answer = || sfn.send_task_success().task_token(&token).output(r#"{"approved":true}"#).send();
    answer().await.expect("an answer");
    let found = ended(&sfn, &execution).await;
    assert_eq!((found.status(), found.output()), (&ExecutionStatus::Succeeded, Some(r#"{"approved":true}"#)));
    let again = answer().await.expect_err("it was answered").into_service_error();
    assert!(again.is_task_timed_out(), "{again:?}");
}

#[tokio::test]
async fn a_refusal_is_the_executions_error() {
    let sfn = client();
    let (execution, token) = waiting(&sfn).await;
    sfn.send_task_failure().task_token(&token).error("Refused").cause("no").send().await.expect("an answer");
    let found = ended(&sfn, &execution).await;
    assert_eq!((found.error(), found.cause()), (Some("Refused"), Some("no")));
}

#[tokio::test]
async fn a_worker_polls_an_activity() {
    let sfn = client();
    let activity = sfn.create_activity().name(unique("rust")).send().await.expect("an activity").activity_arn;
    let state = format!(r#""Type":"Task","Resource":"{activity}","HeartbeatSeconds":60"#);
    let arn = machine(&sfn, &state, StateMachineType::Standard).await;
    let worker = tokio::spawn({
        let (sfn, activity) = (sfn.clone(), activity.clone());
        async move {
            for _ in 0..3 {
                let poll = sfn.get_activity_task().activity_arn(&activity).worker_name("rust");
                let task = poll.send().await.expect("a task");
                let (token, input) = (task.task_token().expect("a token"), task.input().expect("an input"));
                sfn.send_task_heartbeat().task_token(token).send().await.expect("a heartbeat");
                if input == "2" {
                    let failure = sfn.send_task_failure().task_token(token).error("Two");
                    failure.send().await.expect("a failure");
                } else {
                    let output = format!(r#"{{"was":{input}}}"#);
                    sfn.send_task_success().task_token(token).output(output).send().await.expect("a success");
                }
            }
        }
    });
    let mut outcomes = Vec::new();
    for number in ["1", "2", "3"] {
        let found = ended(&sfn, &start(&sfn, &arn, number).await).await;
        outcomes.push(found.output().or(found.error()).unwrap_or_default().to_owned());
    }
    assert_eq!(outcomes, [r#"{"was":1}"#, "Two", r#"{"was":3}"#]);
    worker.await.expect("the worker");
}

#[tokio::test]
async fn errors_are_the_sdks_own() {
    let sfn = client();
    let nobody = "arn:aws:states:us-east-1:000000000000:stateMachine:nobody";
    let error = sfn.start_execution().state_machine_arn(nobody).send().await.expect_err("there is none");
    assert!(error.into_service_error().is_state_machine_does_not_exist());
    let create = sfn.create_state_machine().name(unique("rust")).role_arn(ROLE).definition(r#"{"StartAt":"X"}"#);
    let error = create.send().await.expect_err("it has no states").into_service_error();
    assert!(error.is_invalid_definition(), "{error:?}");
    let error = sfn.send_task_success().task_token("none").output("{}").send().await.expect_err("it is none");
    assert!(error.into_service_error().is_invalid_token());
}
