//! What is known of a service: its operations, their shapes, how they are called on the wire. Plain data, read once from the
//! table ([`crate::read`]); nothing here builds or reads a message.

use std::collections::BTreeMap;
use std::sync::Arc;

/// One AWS service.
#[derive(Debug)]
pub struct Service {
    /// As in `arn:aws:states:::aws-sdk:<name>:<action>`: `dynamodb`, `cloudwatchlogs`, `sfn`.
    pub name: Arc<str>,
    /// What error names begin with: `DynamoDb` in `DynamoDb.ResourceNotFoundException`.
    pub prefix: Arc<str>,
    /// Its id in AWS's models: `DynamoDB`, `CloudWatch Logs`, `SFN`. `AWS_ENDPOINT_URL_<SERVICE>` is made from it.
    pub id: Arc<str>,
    /// How it talks.
    pub protocol: Protocol,
    /// The service's name in signatures and credential scopes.
    pub signing_name: Arc<str>,
    /// How it wants to be signed: `v4`, `s3`, `s3v4`, `v2` or `bearer`.
    pub signature: Arc<str>,
    pub(crate) api_version: Arc<str>,
    pub(crate) json_version: Arc<str>,
    pub(crate) target_prefix: Arc<str>,
    /// Errors may carry an older name of theirs in a header.
    pub(crate) query_compatible: bool,
    pub(crate) endpoints: Endpoints,
    /// By action, as Step Functions writes it.
    pub(crate) operations: BTreeMap<Arc<str>, Operation>,
    pub(crate) errors: Vec<ErrorShape>,
    pub(crate) shapes: Vec<Shape>,
}

/// Of each partition: where a service is.
pub(crate) type Endpoints = BTreeMap<Arc<str>, Endpoint>;

/// Where a service is in a partition.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// With `{region}` where the region's name goes.
    pub(crate) url: Arc<str>,
    /// The region to sign for, when it is the same for all.
    pub(crate) signing_region: Option<Arc<str>>,
}

/// The wire protocols of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// `json`, versions 1.0 and 1.1: one path, a target header, JSON bodies.
    Json,
    /// `rest-json`: paths and headers from the model, JSON bodies.
    RestJson,
    /// `rest-xml`: paths and headers from the model, XML bodies.
    RestXml,
    /// `query`: form-encoded requests, XML responses.
    Query,
    /// `ec2`: as `query`, with other names.
    Ec2,
    /// `rpc-v2-cbor`: a path an operation, CBOR bodies.
    RpcV2Cbor,
}

/// One operation (Step Functions: API action) of a service.
#[derive(Debug)]
pub struct Operation {
    /// In the API: `PutItem`.
    pub name: Arc<str>,
    /// In a `Resource`: `putItem`.
    pub action: Arc<str>,
    /// The shape of its parameters; `None` when it takes none.
    pub input: Option<Reference>,
    /// The shape of its result; `None` when it gives none.
    pub output: Option<Reference>,
    /// How it is signed.
    pub auth: Auth,
    /// It changes nothing, or a second call with the same parameters changes nothing more, says the model.
    pub idempotent: bool,
    pub(crate) method: Arc<str>,
    pub(crate) uri: Arc<str>,
    pub(crate) host_prefix: Option<Arc<str>>,
    /// A checksum of the body has to go along.
    pub(crate) checksum_required: bool,
    /// The parameter that names the algorithm of the checksum, where there is a choice.
    pub(crate) checksum_member: Option<Arc<str>>,
    pub(crate) endpoints: Option<Endpoints>,
}

/// How an operation is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// As the service is.
    Usual,
    /// Not at all.
    None,
    /// As the service is, but the body is left out of the signature.
    UnsignedBody,
    /// By a token in place of a signature.
    Bearer,
}

/// An error that the service's model has.
#[derive(Debug)]
pub(crate) struct ErrorShape {
    /// Its code on the wire.
    pub code: Arc<str>,
    /// Its shape's name, which some protocols send instead of the code.
    pub shape: Arc<str>,
    /// In Step Functions, after the service's prefix: `ResourceNotFoundException`.
    pub name: Arc<str>,
}

/// A type of the service, with its limits.
#[derive(Debug)]
pub struct Shape {
    /// What it is.
    pub kind: Kind,
    /// Least value of a number, least length of anything else.
    pub minimum: Option<f64>,
    /// Greatest value of a number, greatest length of anything else.
    pub maximum: Option<f64>,
    /// All values that a string may have; empty when it may have any.
    pub values: Vec<Arc<str>>,
}

/// The kinds of shapes.
#[derive(Debug)]
pub enum Kind {
    /// Text.
    String,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
    /// A 32-bit floating-point number.
    Float,
    /// A 64-bit floating-point number.
    Double,
    /// `true` or `false`.
    Boolean,
    /// A moment.
    Timestamp,
    /// Bytes.
    Blob,
    /// Any JSON.
    Document,
    /// Elements of one shape.
    List(Reference),
    /// Keys and values of one shape each.
    Map(Reference, Reference),
    /// Named members.
    Structure(Structure),
}

/// The members of a structure.
#[derive(Debug, Default)]
pub struct Structure {
    /// In the model's order.
    pub members: Vec<Member>,
    /// The member that alone is the body of the HTTP message.
    pub(crate) payload: Option<usize>,
    /// Exactly one member is set.
    pub union: bool,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// In the service's model: `DBInstanceIdentifier`, `stateMachineArn`.
    pub name: Arc<str>,
    /// In Step Functions' AWS SDK integrations: `DbInstanceIdentifier`, `StateMachineArn`.
    pub shown: Arc<str>,
    /// It must be there.
    pub required: bool,
    /// Its shape.
    pub reference: Reference,
}

/// A shape where it is used, with what this place says about its form on the wire.
#[derive(Debug)]
pub struct Reference {
    pub(crate) shape: usize,
    pub(crate) traits: Option<Box<Traits>>,
}

/// What a place says about the form on the wire.
#[derive(Debug, Default)]
pub(crate) struct Traits {
    pub name: Option<Arc<str>>,
    pub query_name: Option<Arc<str>>,
    pub location: Option<Location>,
    pub timestamp_format: Option<TimestampFormat>,
    pub result_wrapper: Option<Arc<str>>,
    /// URI and prefix.
    pub xml_namespace: Option<(Arc<str>, Option<Arc<str>>)>,
    pub flattened: bool,
    pub xml_attribute: bool,
    pub json_value: bool,
    pub host_label: bool,
    pub streaming: bool,
    pub idempotency_token: bool,
}

/// Where in an HTTP message a member is, if not in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Location {
    Uri,
    Querystring,
    Header,
    /// Many headers with one prefix.
    Headers,
    StatusCode,
}

/// How a moment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimestampFormat {
    Iso8601,
    UnixTimestamp,
    Rfc822,
}

static NO_TRAITS: Traits = Traits {
    name: None,
    query_name: None,
    location: None,
    timestamp_format: None,
    result_wrapper: None,
    xml_namespace: None,
    flattened: false,
    xml_attribute: false,
    json_value: false,
    host_label: false,
    streaming: false,
    idempotency_token: false,
};

impl Reference {
    pub(crate) fn traits(&self) -> &Traits {
        self.traits.as_deref().unwrap_or(&NO_TRAITS)
    }

    /// Its name on the wire, if this place gives it one.
    pub(crate) fn wire_name(&self) -> Option<&str> {
        self.traits().name.as_deref()
    }
}

impl Member {
    /// Its name on the wire.
    pub(crate) fn wire_name(&self) -> &str {
        self.reference.wire_name().unwrap_or(&self.name)
    }

    /// In a response it is not in the body.
    pub(crate) fn is_in_head(&self) -> bool {
        matches!(
            self.reference.traits().location,
            Some(Location::Header | Location::Headers | Location::StatusCode)
        )
    }

    /// Without a value the client sends a random one, by which the service knows a repeated request.
    pub fn is_idempotency_token(&self) -> bool {
        self.reference.traits().idempotency_token
    }
}

static UNKNOWN: Shape = Shape { kind: Kind::Document, minimum: None, maximum: None, values: Vec::new() };

impl Service {
    /// The operation behind a `Resource`'s action (`putItem`).
    pub fn operation(&self, action: &str) -> Option<&Operation> {
        self.operations.get(action)
    }

    /// All operations, by action.
    pub fn operations(&self) -> impl ExactSizeIterator<Item = &Operation> {
        self.operations.values()
    }

    /// The shape that is meant.
    pub fn shape(&self, reference: &Reference) -> &Shape {
        self.shapes.get(reference.shape).unwrap_or(&UNKNOWN)
    }

    /// The members, when a structure is meant.
    pub fn structure(&self, reference: &Reference) -> Option<&Structure> {
        if let Kind::Structure(structure) = &self.shape(reference).kind { Some(structure) } else { None }
    }

    /// URL of an operation in a region of a partition (`aws`, `aws-cn`, `aws-us-gov`), and the region to sign for.
    /// `None` when the service is not there, or when its address depends on more than the region.
    pub fn endpoint(&self, operation: &Operation, partition: &str, region: &str) -> Option<(String, String)> {
        let endpoints = operation.endpoints.as_ref().unwrap_or(&self.endpoints);
        let found = endpoints.get(partition)?;
        let signing = found.signing_region.as_deref().unwrap_or(region);
        Some((found.url.replace("{region}", region), signing.to_owned()))
    }
}

impl Operation {
    /// Whether an unanswered call may be made again: it is idempotent by the model, or it carries a token by which the service
    /// knows it, or its name is that of a read.
    pub fn is_repeatable(&self, service: &Service) -> bool {
        const READS: [&str; 6] = ["Get", "List", "Describe", "Head", "BatchGet", "Search"];
        let tokens = self.input.as_ref().and_then(|input| service.structure(input));
        let is_read = READS.iter().any(|verb| {
            self.name
                .strip_prefix(verb)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        // What hands out each thing once is no read, whatever it is called.
        let hands_out = &*self.name == "GetActivityTask" || &*self.name == "GetShardIterator";
        self.idempotent
            || (is_read && !hands_out)
            || tokens.is_some_and(|structure| structure.members.iter().any(Member::is_idempotency_token))
    }
}

impl Structure {
    /// The member of that name: as Step Functions shows it, or as the model has it.
    pub fn member(&self, name: &str) -> Option<&Member> {
        let exact = |member: &&Member| &*member.shown == name || &*member.name == name;
        self.members.iter().find(exact)
    }
}
