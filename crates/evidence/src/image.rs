//! References to images: `registry.example.com:5000/team/api:1.4@sha256:...`.

use shipworthy_syntax::Range;

/// A reference to an image, as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Where it stands.
    pub range: Range,
    /// What it says, with the variables that the file itself gives filled in.
    pub reference: String,
}

impl Image {
    /// Whether a part of it comes from outside the file.
    pub fn is_templated(&self) -> bool {
        self.reference.contains(['$', '{', '}', '<', '>', '%'])
    }

    /// The repository: without tag and digest.
    pub fn repository(&self) -> &str {
        let whole = self.reference.split('@').next().unwrap_or_default();
        match self.tag() {
            Some(tag) => whole.strip_suffix(tag).and_then(|w| w.strip_suffix(':')).unwrap_or(whole),
            None => whole,
        }
    }

    /// The last part of the repository: `redis` of `docker.io/library/redis:7`.
    pub fn name(&self) -> &str {
        self.repository().rsplit('/').next().unwrap_or_default()
    }

    /// The tag. A colon before a slash is a port's.
    pub fn tag(&self) -> Option<&str> {
        let whole = self.reference.split('@').next().unwrap_or_default();
        let last = whole.rsplit('/').next().unwrap_or_default();
        last.split_once(':').map(|(_, tag)| tag).filter(|tag| !tag.is_empty())
    }

    /// Whether it comes from a registry of public images, which are what their manuals say.
    pub fn is_public(&self) -> bool {
        let Some((registry, _)) = self.reference.split_once('/') else { return true };
        const PUBLIC: [&str; 11] = [
            "docker.io",
            "index.docker.io",
            "ghcr.io",
            "gcr.io",
            "quay.io",
            "mcr.microsoft.com",
            "public.ecr.aws",
            "nvcr.io",
            "registry.access.redhat.com",
            "registry.k8s.io",
            "cgr.dev",
        ];
        PUBLIC.contains(&registry) || !registry.contains(['.', ':']) && registry != "localhost"
    }

    /// The digest.
    pub fn digest(&self) -> Option<&str> {
        self.reference.split_once('@').map(|(_, digest)| digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_have_parts() {
        let parts = |reference: &str| {
            let image = Image { range: Range::empty(0), reference: reference.to_owned() };
            let digest = image.digest().is_some();
            (image.repository().to_owned(), image.tag().map(str::to_owned), digest)
        };
        let some = |tag: &str| Some(tag.to_owned());
        assert_eq!(parts("redis"), ("redis".to_owned(), None, false));
        assert_eq!(parts("redis:7.2"), ("redis".to_owned(), some("7.2"), false));
        assert_eq!(parts("registry:5000/a/b"), ("registry:5000/a/b".to_owned(), None, false));
        assert_eq!(parts("registry:5000/a/b:1@sha256:ab"), ("registry:5000/a/b".to_owned(), some("1"), true));
    }
}
