//! SW5003: a loop that asks again and again for what an integration can wait for.

use super::super::Lint;
use super::super::place::Place;
use super::integration;
use crate::Kind;
use crate::diagnostic::Severity;
use crate::rules::Rule;

pub(super) const RULE: Rule = Rule {
    code: "SW5003",
    title: "polling where the service can wait",
    text: "The loop waits and asks until a job is done. The integration that starts the job can wait for it by itself (`.sync`): \
           one state in place of three or more, no transitions while it waits, and the job is stopped when the execution is.",
    example: "\"Resource\": \"arn:aws:states:::glue:startJobRun.sync\"",
    aws: "",
};

/// Questions about a job, and what would wait for it.
const QUESTIONS: [(&str, &str, &str); 19] = [
    ("aws-sdk:glue", "getJobRun", "glue:startJobRun.sync"),
    ("aws-sdk:batch", "describeJobs", "batch:submitJob.sync"),
    ("aws-sdk:ecs", "describeTasks", "ecs:runTask.sync"),
    ("athena", "getQueryExecution", "athena:startQueryExecution.sync"),
    ("aws-sdk:athena", "getQueryExecution", "athena:startQueryExecution.sync"),
    ("aws-sdk:sfn", "describeExecution", "states:startExecution.sync:2"),
    ("aws-sdk:codebuild", "batchGetBuilds", "codebuild:startBuild.sync"),
    ("aws-sdk:sagemaker", "describeTrainingJob", "sagemaker:createTrainingJob.sync"),
    ("aws-sdk:sagemaker", "describeTransformJob", "sagemaker:createTransformJob.sync"),
    ("aws-sdk:sagemaker", "describeProcessingJob", "sagemaker:createProcessingJob.sync"),
    ("aws-sdk:sagemaker", "describeHyperParameterTuningJob", "sagemaker:createHyperParameterTuningJob.sync"),
    ("aws-sdk:emr", "describeStep", "elasticmapreduce:addStep.sync"),
    ("aws-sdk:emr", "describeCluster", "elasticmapreduce:createCluster.sync"),
    ("aws-sdk:emrserverless", "getJobRun", "emr-serverless:startJobRun.sync"),
    ("aws-sdk:emrcontainers", "describeJobRun", "emr-containers:startJobRun.sync"),
    ("aws-sdk:mediaconvert", "getJob", "mediaconvert:createJob.sync"),
    ("aws-sdk:databrew", "describeJobRun", "databrew:startJobRun.sync"),
    ("aws-sdk:bedrock", "getModelCustomizationJob", "bedrock:createModelCustomizationJob.sync"),
    ("aws-sdk:eks", "describeCluster", "eks:createCluster.sync"),
];

pub(super) fn check(lint: &mut Lint<'_>) {
    for states in lint.graph.loops() {
        let kind = |at: &usize| lint.machine.states.get(*at).map(|state| &state.kind);
        if !states.iter().any(|at| matches!(kind(at), Some(Kind::Wait(_)))) {
            continue;
        }
        let found = states.iter().find_map(|at| {
            let Some(Kind::Task(task)) = kind(at) else { return None };
            let (service, api, _) = integration(task)?;
            let (.., better) =
                QUESTIONS.iter().find(|(name, question, _)| (*name, *question) == (service, api))?;
            Some((*at, *better))
        });
        if let Some((at, better)) = found {
            let message = format!("the loop asks until the job is done; `{better}` waits for it");
            lint.report(&RULE, Severity::Note, &Place::field(at, "Resource"), message, None);
        }
    }
}
