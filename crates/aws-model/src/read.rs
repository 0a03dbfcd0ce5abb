//! From the packed table to [`Service`]s: the container of compressed blocks, and the short keys of the JSON in a block.
//! `xtask/src/codegen/aws` writes what is read here. A service is unpacked when it is first asked for, and kept.
//!
//! Container: the length of the index (4 bytes, little-endian), the index (JSON: `[name, offset, length]` of each service, sorted
//! by name), the blocks (zlib). Keys of a shape: `t` type, `e` values, `n`/`x` minimum and maximum, `m` members or element, `k`/`v`
//! of a map, `p` payload member, `u` union. A place: `[shape, traits]`, a member: `[name, shape, traits]`. Traits: `n` name, `q` name
//! in `ec2` requests, `t` timestamp format, `w` result wrapper, `l` location, `x` XML namespace, `f` flattened, `a` attribute, `j`
//! JSON in a string, `L` part of the host name, `S` streaming, `i` idempotency token, `r` required.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, OnceLock};

use value::{Object, Value};

use crate::names;
use crate::service::{
    Auth, Endpoint, Endpoints, ErrorShape, Kind, Location, Member, Operation, Protocol, Reference, Service,
    Shape, Structure, TimestampFormat, Traits,
};

static PACKED: &[u8] = include_bytes!("../model/services.bin");

/// Most bytes that a block may have unpacked (the largest has 1 MB).
const BLOCK_BYTES_MAX: usize = 16 * 1_024 * 1_024;

static CATALOGUE: LazyLock<BTreeMap<Arc<str>, Entry>> = LazyLock::new(|| index().unwrap_or_default());

struct Entry {
    block: &'static [u8],
    service: OnceLock<Option<Arc<Service>>>,
}

/// The service of that name in Step Functions' AWS SDK integrations (`dynamodb`, `cloudwatchlogs`, `sfn`).
pub fn service(name: &str) -> Option<Arc<Service>> {
    let entry = CATALOGUE.get(name)?;
    entry.service.get_or_init(|| unpack(entry.block).map(Arc::new)).clone()
}

/// The names of all services, sorted.
pub fn service_names() -> impl ExactSizeIterator<Item = &'static str> {
    CATALOGUE.keys().map(|name| &**name)
}

fn index() -> Option<BTreeMap<Arc<str>, Entry>> {
    let (length, rest) = PACKED.split_first_chunk::<4>()?;
    let (index, blocks) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let index = Value::parse(std::str::from_utf8(index).ok()?).ok()?;
    let entry = |row: &Value| {
        let row = row.as_array()?;
        let place = |at: usize| usize::try_from(row.get(at)?.as_i64()?).ok();
        let block = blocks.get(place(1)?..)?.get(..place(2)?)?;
        Some((row.first()?.as_str()?.into(), Entry { block, service: OnceLock::new() }))
    };
    index.as_array()?.iter().map(entry).collect()
}

fn unpack(block: &[u8]) -> Option<Service> {
    let bytes = miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(block, BLOCK_BYTES_MAX).ok()?;
    service_of_model(std::str::from_utf8(&bytes).ok()?)
}

/// A service that is not in the table, from a line of the form that `xtask/src/codegen/aws/models.py` writes; `None` when it is not
/// of this form.
pub fn service_of_model(line: &str) -> Option<Service> {
    let model = Value::parse(line).ok()?;
    let texts = |key: &str| model.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut operations = BTreeMap::new();
    for row in model.get("operations")?.as_array()? {
        let operation = operation(row)?;
        operations.insert(Arc::clone(&operation.action), operation);
    }
    Some(Service {
        name: texts("name").into(),
        prefix: texts("prefix").into(),
        id: texts("id").into(),
        protocol: protocol(texts("protocol"))?,
        signing_name: texts("signing").into(),
        signature: texts("signature").into(),
        api_version: texts("version").into(),
        json_version: texts("json").into(),
        target_prefix: texts("target").into(),
        query_compatible: model.get("query_compatible").is_some(),
        endpoints: endpoints(model.get("endpoints"))?,
        operations,
        errors: model.get("errors")?.as_array()?.iter().map(error).collect::<Option<_>>()?,
        shapes: model.get("shapes")?.as_array()?.iter().map(shape).collect::<Option<_>>()?,
    })
}

fn protocol(text: &str) -> Option<Protocol> {
    Some(match text {
        "json" => Protocol::Json,
        "rest-json" => Protocol::RestJson,
        "rest-xml" => Protocol::RestXml,
        "query" => Protocol::Query,
        "ec2" => Protocol::Ec2,
        "rpc-v2-cbor" => Protocol::RpcV2Cbor,
        _ => return None,
    })
}

fn endpoints(value: Option<&Value>) -> Option<Endpoints> {
    let endpoint = |(partition, rule): (&Arc<str>, &Value)| {
        let rule = rule.as_array()?;
        let url = rule.first()?.as_str()?.into();
        let signing_region = rule.get(1).and_then(Value::as_str).map(Arc::from);
        Some((Arc::clone(partition), Endpoint { url, signing_region }))
    };
    value?.as_object()?.iter().map(endpoint).collect()
}

fn operation(row: &Value) -> Option<Operation> {
    let name: Arc<str> = text(row.get("n"))?;
    let http = row.get("h")?.as_array()?;
    let place = |key: &str| row.get(key).map_or(Some(None), |value| reference(value.as_array()?).map(Some));
    Some(Operation {
        action: names::action(&name),
        name,
        input: place("i")?,
        output: place("o")?,
        auth: match row.get("a").and_then(Value::as_str) {
            Some("none") => Auth::None,
            Some("unsigned-body") => Auth::UnsignedBody,
            Some("bearer") => Auth::Bearer,
            _ => Auth::Usual,
        },
        idempotent: row.get("R").is_some() || row.get("I").is_some(),
        method: text(http.first())?,
        uri: text(http.get(1))?,
        host_prefix: text(row.get("H")),
        checksum_required: row.get("c").is_some(),
        checksum_member: text(row.get("C")),
        endpoints: endpoints(row.get("E")),
    })
}

fn error(row: &Value) -> Option<ErrorShape> {
    let row = row.as_array()?;
    let shape = text(row.first())?;
    let code = text(row.get(2)).unwrap_or_else(|| Arc::clone(&shape));
    Some(ErrorShape { code, shape, name: text(row.get(1))? })
}

fn shape(row: &Value) -> Option<Shape> {
    let place = |key: &str| reference(row.get(key)?.as_array()?);
    let kind = match row.get("t")?.as_str()? {
        "s" => Kind::String,
        "i" => Kind::Integer,
        "l" => Kind::Long,
        "f" => Kind::Float,
        "d" => Kind::Double,
        "b" => Kind::Boolean,
        "t" => Kind::Timestamp,
        "B" => Kind::Blob,
        "D" => Kind::Document,
        "L" => Kind::List(place("m")?),
        "M" => Kind::Map(place("k")?, place("v")?),
        "S" => Kind::Structure(structure(row)?),
        _ => return None,
    };
    let values = row.get("e").and_then(Value::as_array).unwrap_or_default();
    Some(Shape {
        kind,
        minimum: row.get("n").and_then(Value::as_f64),
        maximum: row.get("x").and_then(Value::as_f64),
        values: values.iter().filter_map(|value| text(Some(value))).collect(),
    })
}

fn structure(row: &Value) -> Option<Structure> {
    let members = row.get("m")?.as_array()?.iter().map(member).collect::<Option<Vec<_>>>()?;
    let payload = row.get("p").and_then(Value::as_str);
    let payload = payload.and_then(|name| members.iter().position(|member| &*member.name == name));
    Some(Structure { members, payload, union: row.get("u").is_some() })
}

fn member(row: &Value) -> Option<Member> {
    let (name, place) = row.as_array()?.split_first()?;
    let name: Arc<str> = text(Some(name))?;
    let required = place.get(1).is_some_and(|traits| traits.get("r").is_some());
    Some(Member { shown: names::shown(&name), name, required, reference: reference(place)? })
}

fn reference(place: &[Value]) -> Option<Reference> {
    let shape = usize::try_from(place.first()?.as_i64()?).ok()?;
    let given = place.get(1).and_then(Value::as_object);
    // Being required is the member's affair: most places have nothing else to say.
    let plain = given.is_none_or(|given| given.keys().all(|key| &**key == "r"));
    Some(Reference { shape, traits: if plain { None } else { given.map(|given| Box::new(traits(given))) } })
}

fn traits(given: &Object) -> Traits {
    let has = |key: &str| given.contains_key(key);
    let space = given.get("x").and_then(Value::as_array);
    Traits {
        name: text(given.get("n")),
        query_name: text(given.get("q")),
        result_wrapper: text(given.get("w")),
        xml_namespace: space.and_then(|space| Some((text(space.first())?, text(space.get(1))))),
        location: match given.get("l").and_then(Value::as_str) {
            Some("u") => Some(Location::Uri),
            Some("q") => Some(Location::Querystring),
            Some("h") => Some(Location::Header),
            Some("p") => Some(Location::Headers),
            Some("s") => Some(Location::StatusCode),
            _ => None,
        },
        timestamp_format: match given.get("t").and_then(Value::as_str) {
            Some("iso8601") => Some(TimestampFormat::Iso8601),
            Some("unixTimestamp" | "unixtimestamp") => Some(TimestampFormat::UnixTimestamp),
            Some("rfc822") => Some(TimestampFormat::Rfc822),
            _ => None,
        },
        flattened: has("f"),
        xml_attribute: has("a"),
        json_value: has("j"),
        host_label: has("L"),
        streaming: has("S"),
        idempotency_token: has("i"),
    }
}

fn text(value: Option<&Value>) -> Option<Arc<str>> {
    if let Some(Value::Str(text)) = value { Some(Arc::clone(text)) } else { None }
}
