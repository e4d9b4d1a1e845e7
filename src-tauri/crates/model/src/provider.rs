//! Whose store it is.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// Whose dialect a store speaks.
    Provider {
        /// Alibaba Cloud OSS.
        Oss = "oss",
        /// Amazon S3 and what is compatible with it.
        S3 = "s3",
    }
}
