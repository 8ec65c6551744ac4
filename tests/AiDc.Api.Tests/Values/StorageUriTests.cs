using AiDc.Api.Values;

namespace AiDc.Api.Tests.Values;

[TestFixture]
internal sealed class StorageUriTests
{
    [TestCase("pvc://claim", StorageScheme.Pvc, "claim", "")]
    [TestCase("pvc://claim/", StorageScheme.Pvc, "claim", "")]
    [TestCase("pvc://my-claim.x/a//b/", StorageScheme.Pvc, "my-claim.x", "a/b")]
    [TestCase("hostpath:///srv/data/", StorageScheme.HostPath, "", "/srv/data")]
    [TestCase("s3://my-bucket.x/a//b/", StorageScheme.S3, "my-bucket.x", "a/b")]
    [TestCase("s3://bucket", StorageScheme.S3, "bucket", "")]
    public void A_uri_is_read_and_brought_into_one_form(string text, StorageScheme scheme, string store, string path)
    {
        var uri = StorageUri.Parse(text);

        Assert.That(uri, Is.EqualTo(new StorageUri(scheme, store, path)));
        Assert.That(StorageUri.Parse(uri.ToString()), Is.EqualTo(uri));
        Assert.That(text, Does.Match(StorageUri.Pattern), "the schema's pattern");
    }

    [TestCase("", "empty")]
    [TestCase("data", "no scheme")]
    [TestCase("gs://bucket/key", "'gs'")]
    [TestCase("s3://", "no bucket")]
    [TestCase("s3://Bucket/a", "'Bucket'")]
    [TestCase("s3://ab", "'ab'")]
    [TestCase("s3://bucket/a/../b", "'..'")]
    [TestCase("pvc://", "no claim")]
    [TestCase("pvc:///a", "no claim")]
    [TestCase("pvc://Claim/a", "'Claim'")]
    [TestCase("pvc://a..b/c", "'a..b'")]
    [TestCase("pvc://claim/../x", "'..'")]
    [TestCase("pvc://claim/./x", "'.'")]
    [TestCase("pvc://claim/a\nb", "control character")]
    [TestCase("hostpath://srv", "absolute")]
    [TestCase("hostpath:///", "root")]
    [TestCase("hostpath:///srv/../etc", "'..'")]
    public void What_is_no_uri_is_refused_with_the_reason(string text, string problem)
    {
        Assert.That(StorageUri.TryParse(text, out _, out var said, out var fix), Is.False);
        Assert.That(said, Does.Contain(problem));
        Assert.That(fix, Is.Not.Empty);
    }

    [TestCase("hostpath:///srv/aidc", true)]
    [TestCase("hostpath:///srv/aidc/a/b", true)]
    [TestCase("hostpath:///srv/aidc2", false)]
    [TestCase("hostpath:///srv", false)]
    public void A_folder_is_allowed_with_all_that_is_below_it(string text, bool allowed) =>
        Assert.That(StorageUri.Parse(text).IsBelowAny(["/opt/", "/srv/aidc/"]), Is.EqualTo(allowed));

    [Test]
    public void A_name_is_appended_below()
    {
        Assert.That(StorageUri.Parse("pvc://models").Append("model").ToString(), Is.EqualTo("pvc://models/model"));
        Assert.That(StorageUri.Parse("hostpath:///srv/x").Append("model").ToString(), Is.EqualTo("hostpath:///srv/x/model"));
        Assert.That(StorageUri.Parse("s3://bucket/a").Append("model").ToString(), Is.EqualTo("s3://bucket/a/model"));
    }
}
