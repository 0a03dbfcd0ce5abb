//! `SdkHttpMetadata` and `SdkResponseMetadata`: what the results of optimised integrations tell of the HTTP response. The forms are
//! those that were recorded; the service uses version 1 of AWS's SDK for Java, whose order of headers shows through.

use value::{Array, Object, Value};

/// Both members of a result, for a response with this status and these headers, in the order in which they came.
pub(crate) fn members(
    status: u16,
    headers: &[(String, String)],
    request_id: &str,
) -> [(&'static str, Value); 2] {
    let id: Object = [("RequestId", request_id)].into_iter().collect();
    [("SdkHttpMetadata", of_http(status, headers)), ("SdkResponseMetadata", Value::from(id))]
}

fn of_http(status: u16, headers: &[(String, String)]) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for (name, _) in headers {
        if !names.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    let all = names.iter().map(|name| {
        let same = headers.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
        (*name, same.map(|(_, value)| Value::from(value.as_str())).collect::<Array>())
    });
    let mut all: Vec<(&str, Array)> = all.collect();
    let mut single: Vec<(&str, Value)> =
        all.iter().map(|(name, values)| (*name, values.last().cloned().unwrap_or_default())).collect();
    sort_as_java_hash_map(&mut all);
    single.sort_by_key(|(name, _)| name.to_ascii_lowercase());
    let members: [(&str, Value); 3] = [
        ("AllHttpHeaders", Value::from(all.into_iter().collect::<Object>())),
        ("HttpHeaders", Value::from(single.into_iter().collect::<Object>())),
        ("HttpStatusCode", Value::from(i64::from(status))),
    ];
    Value::from(members.into_iter().collect::<Object>())
}

/// Orders as a `java.util.HashMap` of these keys, filled in this order, iterates: by bucket, then by age.
fn sort_as_java_hash_map<T>(entries: &mut [(&str, T)]) {
    // A table of 16 buckets is doubled whenever it is more than three quarters full.
    let mut buckets: u32 = 16;
    while entries.len() > buckets as usize / 4 * 3 {
        buckets *= 2;
    }
    entries.sort_by_key(|(name, _)| {
        let hash =
            name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(u32::from(unit)));
        (hash ^ (hash >> 16)) & (buckets - 1)
    });
}
