//! `aws-sdk-s3-transfer-manager` with its defaults.

use aws_sdk_s3_transfer_manager as transfer_manager;
use bench_peers::{Call, Error, name};
use transfer_manager::io::InputStream;
use transfer_manager::io::walk::FsWalker;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let call = Call::read()?;
    let shared = aws_config::load_defaults(aws_config::BehaviorVersion::latest()).await;
    let s3 = aws_sdk_s3::config::Builder::from(&shared)
        .endpoint_url(&call.endpoint)
        .force_path_style(true);
    let config = transfer_manager::Config::builder().s3_config(s3).build();
    let client = transfer_manager::Client::new(config);
    if call.path.is_file() {
        let upload = client
            .upload()
            .bucket(&call.bucket)
            .key(format!("transfer-manager/{}", name(&call.path)))
            .body(InputStream::from_path(&call.path)?)
            .initiate()?;
        upload.join().await?;
    } else {
        let uploads = client
            .upload_objects()
            .source(&call.path)
            .bucket(&call.bucket)
            .key_prefix("transfer-manager")
            .walker(FsWalker::builder().recursive(true).build())
            .initiate()?;
        uploads.join().await?;
    }
    Ok(())
}
