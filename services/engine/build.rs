//! Compiles the contracts that Go, Rust and k6 share. protox is a protobuf compiler in Rust: no `protoc` needed.

const CONTRACTS: &str = "../contracts/proto";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed={CONTRACTS}");
    let files = protox::compile(
        ["cutover/v1/pricing.proto", "cutover/v1/ledger.proto"],
        [CONTRACTS],
    )?;
    tonic_prost_build::configure()
        // The same types speak JSON: proto3 has no presence for scalars, so an absent field is its default value and
        // validation, not the parser, decides whether that is allowed.
        .type_attribute(
            ".cutover.v1",
            "#[derive(serde::Serialize, serde::Deserialize)]\n\
             #[serde(rename_all = \"camelCase\", default)]",
        )
        // Over HTTP the key is a header; in the body it is an unknown field, and those are ignored as they are over gRPC: an
        // older service must be able to take a newer client's requests.
        .field_attribute("AppendRequest.idempotency_key", "#[serde(skip)]")
        .compile_fds(files)?;
    Ok(())
}
