//! OpenDAL, with its layer for retries: parts of 8 MiB, eight side by side, for a large file.

use bench_peers::{Call, Error, FILES_SIDE_BY_SIDE, name};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use opendal::layers::RetryLayer;
use opendal::{Operator, services};
use tokio::io::AsyncReadExt as _;

const PART: usize = 8 << 20;
const PARTS_SIDE_BY_SIDE: usize = 8;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let call = Call::read()?;
    let service =
        services::S3::default().endpoint(&call.endpoint).bucket(&call.bucket).region("us-east-1");
    let store = Operator::new(service)?.layer(RetryLayer::default());
    if call.path.is_file() {
        return send_file(&store, &call).await;
    }
    let store = &store;
    stream::iter(call.files()?)
        .map(|(file, name)| async move {
            let bytes = tokio::fs::read(file).await?;
            store.write(&format!("opendal/{name}"), bytes).await?;
            Ok(())
        })
        .buffer_unordered(FILES_SIDE_BY_SIDE)
        .try_collect()
        .await
}

async fn send_file(store: &Operator, call: &Call) -> Result<(), Error> {
    let mut file = tokio::fs::File::open(&call.path).await?;
    let key = format!("opendal/{}", name(&call.path));
    let mut writer = store.writer_with(&key).chunk(PART).concurrent(PARTS_SIDE_BY_SIDE).await?;
    loop {
        let mut part = Vec::with_capacity(PART);
        (&mut file).take(PART as u64).read_to_end(&mut part).await?;
        if part.is_empty() {
            break;
        }
        writer.write(part).await?;
    }
    writer.close().await?;
    Ok(())
}
