//! Map: its processor, and what it reads from and writes to outside.

use crate::names::{MAX_LABEL, is_valid_label};
use crate::syntax::Item;
use crate::{
    Distributed, Expression, Flow, ItemBatcher, ItemReader, Map, MapMode, Name, NumberField, QueryLanguage,
    ResultWriter, Template,
};

use super::Parser;
use super::fields::{Fields, shortened};
use super::jsonata::PLAIN;
use super::machine::Surroundings;
use super::numbers::Range;
use super::state::Frame;

impl Parser {
    pub(super) fn map<'t>(&mut self, frame: &Frame<'_, 't>) -> Map {
        let Frame { fields, language, .. } = *frame;
        let (processor, mode) = self.processor(frame);
        let is_json_path = language == QueryLanguage::JsonPath;
        let selector_key =
            if is_json_path && fields.has("Parameters") { "Parameters" } else { "ItemSelector" };
        if is_json_path {
            self.at_most_one(fields, &["ItemSelector", "Parameters"]);
        }
        Map {
            processor: processor.unwrap_or(Flow { start_at: "".into(), states: Vec::new(), comment: None }),
            mode,
            items_path: if is_json_path { self.items_path(fields) } else { None },
            items: if is_json_path { None } else { self.items(fields) },
            item_selector: self.template_field(fields, selector_key, selector_key, language, PLAIN),
            max_concurrency: self.number_field(
                fields,
                "MaxConcurrency",
                language,
                Range::integer(0, i64::MAX),
            ),
            distributed: self.distributed(frame),
        }
    }

    /// `ItemsPath`: a Reference Path; with an ItemReader it is not used at all (recorded).
    fn items_path<'t>(&mut self, fields: &Fields<'t>) -> Option<Expression> {
        if fields.has("ItemReader") {
            return self.expression_field(fields, "ItemsPath", Expression::parse_path);
        }
        self.reference_field(fields, "ItemsPath")
    }

    /// `Items`: an array, an object or an expression.
    fn items<'t>(&mut self, fields: &Fields<'t>) -> Option<Template> {
        let item = fields.get("Items")?;
        let is_expression = item.as_str().is_some_and(|text| text.starts_with("{%") || text.ends_with("%}"));
        if item.items().is_none() && item.members().is_none() && !is_expression {
            self.wrong_type(fields.at("Items"), item, "ARRAY, OBJECT, JSONATA");
        }
        self.template_field(fields, "Items", "Items", QueryLanguage::Jsonata, PLAIN)
    }

    /// `ItemProcessor`, or `Iterator` as it was called before.
    fn processor<'t>(&mut self, frame: &Frame<'_, 't>) -> (Option<Flow>, MapMode) {
        let fields = frame.fields;
        self.at_most_one(fields, &["ItemProcessor", "Iterator"]);
        let key = if fields.has("Iterator") { "Iterator" } else { "ItemProcessor" };
        self.require(fields, &[key]);
        let Some(processor) = self.object_field(fields, key) else { return (None, MapMode::Inline) };
        self.allow(&processor, &["StartAt", "States", "Comment", "ProcessorConfig"]);
        let mode = self.mode(frame, &processor);
        let inner = frame.around.inner();
        let is_express = inner.is_express || mode == MapMode::DistributedExpress;
        let is_isolated = mode != MapMode::Inline;
        (self.flow(&processor, Surroundings { is_express, is_isolated, ..inner }), mode)
    }

    fn mode<'t>(&mut self, frame: &Frame<'_, 't>, processor: &Fields<'t>) -> MapMode {
        let Some(config) = self.object_field(processor, "ProcessorConfig") else { return MapMode::Inline };
        let mode = self.enum_field(&config, "Mode", &["INLINE", "DISTRIBUTED"]);
        if mode != Some("DISTRIBUTED") {
            self.allow(&config, &["Mode", "Comment"]);
            return MapMode::Inline;
        }
        self.allow(&config, &["Mode", "ExecutionType", "Comment"]);
        if frame.around.is_express {
            let span = config.get("Mode").map(Item::span).unwrap_or_default();
            let message =
                "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines";
            self.error("SW1014", config.at("Mode"), span, message);
        }
        self.require(&config, &["ExecutionType"]);
        match self.enum_field(&config, "ExecutionType", &["STANDARD", "EXPRESS"]) {
            Some("EXPRESS") => MapMode::DistributedExpress,
            _ => MapMode::DistributedStandard,
        }
    }

    fn distributed<'t>(&mut self, frame: &Frame<'_, 't>) -> Distributed {
        let Frame { fields, language, .. } = *frame;
        const COUNT: &str = "ToleratedFailureCount";
        const PERCENTAGE: &str = "ToleratedFailurePercentage";
        Distributed {
            label: self.label(fields),
            tolerated_failure_count: self.number_field(fields, COUNT, language, Range::integer(0, i64::MAX)),
            tolerated_failure_percentage: self.number_field(
                fields,
                PERCENTAGE,
                language,
                Range::number(0, 100),
            ),
            item_reader: self.item_reader(fields, language),
            item_batcher: self.item_batcher(fields, language),
            result_writer: self.result_writer(fields, language),
        }
    }

    fn label<'t>(&mut self, fields: &Fields<'t>) -> Option<Name> {
        let label: Name = self.string_field(fields, "Label")?.into();
        let span = fields.get("Label").map(Item::span).unwrap_or_default();
        if !is_valid_label(&label) {
            let message = if label.chars().count() > MAX_LABEL {
                format!(
                    "Invalid Label name: Label exceeds the {MAX_LABEL}-character limit allowed by the service"
                )
            } else {
                format!("Invalid Label name: {}", shortened(&label))
            };
            self.report("INVALID_LABEL_NAME", "SW1010", fields.at("Label"), span, message, None);
        } else if !self.labels.insert(label.clone()) {
            let message = format!("Duplicate Label name: {label}");
            self.report("DUPLICATE_LABEL_NAME", "SW1005", fields.at("Label"), span, message, None);
        }
        Some(label)
    }

    /// `Parameters` or `Arguments` of what stands in `field`.
    fn call_parameters<'t>(
        &mut self,
        fields: &Fields<'t>,
        field: &str,
        language: QueryLanguage,
    ) -> Option<Template> {
        self.check_language(fields, language, &["Parameters"], &["Arguments"]);
        let key = match language {
            QueryLanguage::JsonPath => "Parameters",
            QueryLanguage::Jsonata => "Arguments",
        };
        self.template_field(fields, key, &format!("{field}/{key}"), language, PLAIN)
    }

    fn item_reader<'t>(&mut self, fields: &Fields<'t>, language: QueryLanguage) -> Option<ItemReader> {
        let reader = self.object_field(fields, "ItemReader")?;
        self.allow(&reader, &["Resource", "ReaderConfig", "Parameters", "Arguments", "Comment"]);
        self.require(&reader, &["Resource"]);
        let resource = self.string_field(&reader, "Resource").unwrap_or_default();
        let is_listing = resource.ends_with(":states:::s3:listObjectsV2");
        if reader.has("Resource") && !is_listing && !resource.ends_with(":states:::s3:getObject") {
            let span = reader.get("Resource").map(Item::span).unwrap_or_default();
            let message = "The field 'Resource' does not match any of the allowed values";
            self.error("SW1015", reader.at("Resource"), span, message);
        }
        let parameters = self.call_parameters(&reader, "ItemReader", language);
        let config = self.object_field(&reader, "ReaderConfig");
        let max_items = config.as_ref().and_then(|config| self.reader_config(config, language));
        let config =
            reader.get("ReaderConfig").map(Item::to_value).unwrap_or_else(|| value::Object::new().into());
        Some(ItemReader { resource: resource.into(), config, max_items, parameters })
    }

    /// `ReaderConfig`; returns `MaxItems` or its twin.
    fn reader_config<'t>(&mut self, config: &Fields<'t>, language: QueryLanguage) -> Option<NumberField> {
        self.check_language(config, language, &["MaxItemsPath"], &[]);
        let input_type =
            self.enum_field(config, "InputType", &["CSV", "JSON", "JSONL", "PARQUET", "MANIFEST"]);
        let mut allowed = vec![
            "InputType",
            "MaxItems",
            "MaxItemsPath",
            "Transformation",
            "ManifestType",
            "ItemsPointer",
            "Comment",
        ];
        if !matches!(input_type, Some("JSON" | "JSONL" | "PARQUET")) {
            allowed.extend(["CSVHeaderLocation", "CSVHeaders", "CSVDelimiter"]);
        }
        self.allow(config, &allowed);
        self.enum_field(config, "Transformation", &["NONE", "LOAD_AND_FLATTEN"]);
        self.enum_field(config, "ManifestType", &["ATHENA_DATA", "S3_INVENTORY"]);
        self.enum_field(config, "CSVDelimiter", &["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]);
        let location = self.enum_field(config, "CSVHeaderLocation", &["FIRST_ROW", "GIVEN"]);
        if input_type == Some("CSV") && !config.has("CSVHeaderLocation") && !config.has("ManifestType") {
            let message = "The field 'CSVHeaderLocation' is required";
            self.error("SW1015", config.here(), config.span.clone(), message);
        }
        if location == Some("GIVEN") {
            self.require(config, &["CSVHeaders"]);
        }
        self.array_field(config, "CSVHeaders");
        self.string_field(config, "ItemsPointer");
        self.number_field(config, "MaxItems", language, Range::integer(0, i64::MAX))
    }

    fn item_batcher<'t>(&mut self, fields: &Fields<'t>, language: QueryLanguage) -> Option<ItemBatcher> {
        let batcher = self.object_field(fields, "ItemBatcher")?;
        const ITEMS: &str = "MaxItemsPerBatch";
        const BYTES: &str = "MaxInputBytesPerBatch";
        let keys = [ITEMS, "MaxItemsPerBatchPath", BYTES, "MaxInputBytesPerBatchPath"];
        self.check_language(&batcher, language, &["MaxItemsPerBatchPath", "MaxInputBytesPerBatchPath"], &[]);
        self.allow(&batcher, &[&keys[..], &["BatchInput", "Comment"]].concat());
        if !keys.iter().any(|key| batcher.has(key)) {
            let message = format!(
                "This object should have at least one of the following fields: [{}]",
                keys.join(", ")
            );
            self.error("SW1015", batcher.here(), batcher.span.clone(), message);
        }
        Some(ItemBatcher {
            max_items: self.number_field(&batcher, ITEMS, language, Range::integer(1, i64::MAX)),
            max_input_bytes: self.number_field(&batcher, BYTES, language, Range::integer(1, 262_144)),
            batch_input: self.template_field(
                &batcher,
                "BatchInput",
                "ItemBatcher/BatchInput",
                language,
                PLAIN,
            ),
        })
    }

    fn result_writer<'t>(&mut self, fields: &Fields<'t>, language: QueryLanguage) -> Option<ResultWriter> {
        let writer = self.object_field(fields, "ResultWriter")?;
        self.allow(&writer, &["Resource", "WriterConfig", "Parameters", "Arguments", "Comment"]);
        if writer.iter().next().is_none() {
            self.error("SW1015", writer.here(), writer.span.clone(), "Value cannot be empty");
        }
        let resource: Option<Name> = self.string_field(&writer, "Resource").map(Name::from);
        if resource.as_ref().is_some_and(|resource| !resource.ends_with(":states:::s3:putObject")) {
            let span = writer.get("Resource").map(Item::span).unwrap_or_default();
            let message = "The field 'Resource' does not match any of the allowed values";
            self.error("SW1015", writer.at("Resource"), span, message);
        }
        let parameters = self.call_parameters(&writer, "ResultWriter", language);
        if let Some(config) = self.object_field(&writer, "WriterConfig") {
            self.allow(&config, &["Transformation", "OutputType", "Comment"]);
            self.enum_field(&config, "Transformation", &["NONE", "COMPACT", "FLATTEN"]);
            self.enum_field(&config, "OutputType", &["JSON", "JSONL"]);
        }
        Some(ResultWriter { resource, config: writer.get("WriterConfig").map(Item::to_value), parameters })
    }
}
