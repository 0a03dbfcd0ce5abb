//! ValidateStateMachineDefinition: what is wrong with a definition (API reference; the form of diagnostics is recorded).

use asl::{Diagnostic, MachineType, ParseOptions, Severity};
use runtime::blocking;
use wire::{
    StateMachineType, ValidateStateMachineDefinitionDiagnostic, ValidateStateMachineDefinitionInput,
    ValidateStateMachineDefinitionOutput, ValidateStateMachineDefinitionResultCode,
    ValidateStateMachineDefinitionSeverity,
};

/// Diagnostics that an answer holds unless the request says less (API reference).
const MOST: usize = 100;

pub(super) async fn run(
    request: ValidateStateMachineDefinitionInput,
) -> ValidateStateMachineDefinitionOutput {
    let machine_type = match request.r#type {
        Some(StateMachineType::Express) => MachineType::Express,
        _ => MachineType::Standard,
    };
    let text = request.definition;
    let options = ParseOptions { machine_type, ..ParseOptions::default() };
    let found = blocking(move || asl::parse(&text, options).diagnostics).await;
    let failed = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let with_warnings = request.severity == Some(ValidateStateMachineDefinitionSeverity::Warning);
    let shown =
        found.into_iter().filter(|diagnostic| with_warnings || diagnostic.severity == Severity::Error);
    let mut diagnostics: Vec<_> = shown.map(diagnostic).collect();
    let most = request.max_results.and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
    let most = most.unwrap_or(MOST);
    let truncated = diagnostics.len() > most;
    diagnostics.truncate(most);
    ValidateStateMachineDefinitionOutput {
        result: if failed {
            ValidateStateMachineDefinitionResultCode::Fail
        } else {
            ValidateStateMachineDefinitionResultCode::Ok
        },
        diagnostics,
        truncated: Some(truncated),
    }
}

fn diagnostic(found: Diagnostic) -> ValidateStateMachineDefinitionDiagnostic {
    // A fault that the service has no code for goes by ours.
    let code = if found.code.is_empty() { found.sw_code } else { found.code };
    ValidateStateMachineDefinitionDiagnostic {
        severity: match found.severity {
            Severity::Error => ValidateStateMachineDefinitionSeverity::Error,
            Severity::Warning | Severity::Note => ValidateStateMachineDefinitionSeverity::Warning,
        },
        code: code.to_owned(),
        message: found.message,
        location: Some(found.location).filter(|location| !location.is_empty()),
    }
}
