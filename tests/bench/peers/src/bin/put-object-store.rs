//! `object_store`: its own writer for a large file, a put for each small one.

use std::sync::Arc;

use bench_peers::{Call, Error, FILES_SIDE_BY_SIDE, name};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::buffered::BufWriter;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt as _};
use tokio::io::{AsyncWriteExt as _, BufReader};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let call = Call::read()?;
    let store = AmazonS3Builder::from_env()
        .with_endpoint(&call.endpoint)
        .with_bucket_name(&call.bucket)
        .with_allow_http(true)
        .with_virtual_hosted_style_request(false)
        .build()?;
    let store = Arc::new(store);
    if call.path.is_file() {
        return send_file(store, &call).await;
    }
    stream::iter(call.files()?)
        .map(|(file, name)| send_small(Arc::clone(&store), file, name))
        .buffer_unordered(FILES_SIDE_BY_SIDE)
        .try_collect()
        .await
}

async fn send_file(store: Arc<dyn ObjectStore>, call: &Call) -> Result<(), Error> {
    let file = tokio::fs::File::open(&call.path).await?;
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let mut writer =
        BufWriter::new(store, Path::from(format!("object_store/{}", name(&call.path))));
    tokio::io::copy_buf(&mut reader, &mut writer).await?;
    writer.shutdown().await?;
    Ok(())
}

async fn send_small(
    store: Arc<AmazonS3>,
    file: std::path::PathBuf,
    name: String,
) -> Result<(), Error> {
    let bytes = tokio::fs::read(file).await?;
    store.put(&Path::from(format!("object_store/{name}")), bytes.into()).await?;
    Ok(())
}
