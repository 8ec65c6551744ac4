using System.Net;
using AiDc.Trainer.Storage;
using Amazon.S3;

namespace AiDc.Trainer.Tests.Storage;

internal sealed class S3SettingsTests
{
    [TestCase("s3://bucket", "bucket", "", "s3://bucket")]
    [TestCase("s3://my.bucket-1/", "my.bucket-1", "", "s3://my.bucket-1")]
    [TestCase("s3://bucket/a//b c/", "bucket", "a/b c", "s3://bucket/a/b c")]
    public void A_uri_is_read_and_brought_into_one_form(string text, string bucket, string prefix, string expected)
    {
        Assert.That(S3Uri.Problem(text), Is.Null);
        var uri = S3Uri.Parse(text);
        Assert.That((uri.Bucket, uri.Prefix, uri.ToString()), Is.EqualTo((bucket, prefix, expected)));
    }

    [TestCase("s3://", "names no bucket")]
    [TestCase("s3:///a", "names no bucket")]
    [TestCase("s3://AB/x", "cannot be a bucket")]
    [TestCase("s3://user@host/x", "cannot be a bucket")]
    [TestCase("s3://bucket/a/../b", "'..'")]
    [TestCase("s3://bucket/a\nb", "control character")]
    public void A_uri_that_is_none_is_refused_with_the_reason(string text, string problem)
    {
        Assert.That(S3Uri.Problem(text), Does.Contain(problem));
        Assert.That(() => S3Uri.Parse(text), Throws.TypeOf<ConfigurationException>().With.Message.StartsWith(text));
    }

    [Test]
    public void A_path_is_not_in_S3()
    {
        Assert.That(S3Uri.Is("/data/s3"), Is.False);
        Assert.That(S3Uri.Problem("/data/s3"), Is.Null);
        using var folders = new StorageFolders(_ => null);
        Assert.That(folders.Open("/data/s3"), Is.TypeOf<LocalFolder>());
    }

    [TestCase("s3://b-1/p/q", "x/y", "p/q/x/y", "p/q/x/y/")]
    [TestCase("s3://b-1/p/q", "", "p/q", "p/q/")]
    [TestCase("s3://b-1", "x", "x", "x/")]
    [TestCase("s3://b-1", "", "", "")]
    public void Keys_are_below_the_prefix(string uri, string name, string key, string below) =>
        Assert.That((S3Uri.Parse(uri).Key(name), S3Uri.Parse(uri).KeysBelow(name)), Is.EqualTo((key, below)));

    [Test]
    public void Parts_keep_to_the_limits_of_S3_and_never_become_smaller()
    {
        var sizes = Enumerable.Range(1, PartPlan.MaximumParts).Select(PartPlan.SizeOf).ToList();
        Assert.That(sizes, Is.Ordered);
        Assert.That(sizes[0], Is.GreaterThanOrEqualTo(5 << 20));
        Assert.That(sizes.Sum(s => (long)s) >> 30, Is.EqualTo(585));
        Assert.That(() => PartPlan.SizeOf(PartPlan.MaximumParts + 1), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Settings_come_from_the_environment()
    {
        var settings = Read(("AWS_ENDPOINT_URL", "https://s3.example:9000"), ("AWS_REGION", "eu-x"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "hush"), ("AWS_SESSION_TOKEN", "token"));
        Assert.That(settings, Is.EqualTo(new S3Settings(new("https://s3.example:9000"), "eu-x", true, new("id", "hush", "token"))));
        Assert.That(settings.ToString(), Does.Not.Contain("hush").And.Not.Contain("token"));
        Assert.That(Read(), Is.EqualTo(new S3Settings(null, "us-east-1", false, null)));
        Assert.That(Read(("AWS_ENDPOINT_URL", "http://x"), ("AWS_S3_ADDRESSING_STYLE", "virtual")).PathStyle, Is.False);
    }

    [TestCase("AWS_ACCESS_KEY_ID", "x", "AWS_SECRET_ACCESS_KEY is missing")]
    [TestCase("AWS_SECRET_ACCESS_KEY", "x", "AWS_ACCESS_KEY_ID is missing")]
    [TestCase("AWS_ENDPOINT_URL", "s3.example:9000", "AWS_ENDPOINT_URL")]
    [TestCase("AWS_ENDPOINT_URL", "https://me:hush@s3.example", "without user and password")]
    [TestCase("AWS_S3_ADDRESSING_STYLE", "auto", "AWS_S3_ADDRESSING_STYLE=auto")]
    public void A_wrong_setting_is_named_and_no_secret_is_shown(string name, string value, string problem) =>
        Assert.That(() => Read((name, value)), Throws.TypeOf<ConfigurationException>().With.Message.Contains(problem).And.Message.Not.Contain("hush"));

    [TestCase("NoSuchBucket", 404, 2, "Create it")]
    [TestCase("AccessDenied", 403, 2, "access denied")]
    [TestCase("Forbidden", 403, 2, "access denied")]
    [TestCase("InvalidAccessKeyId", 403, 2, "AWS_ACCESS_KEY_ID")]
    [TestCase("SignatureDoesNotMatch", 403, 2, "AWS_SECRET_ACCESS_KEY")]
    [TestCase("PermanentRedirect", 301, 2, "AWS_REGION")]
    [TestCase("RequestTimeTooSkewed", 403, 3, "clock")]
    [TestCase("ExpiredToken", 400, 3, "AWS_SESSION_TOKEN")]
    [TestCase("SlowDown", 503, 3, "503 SlowDown")]
    public void What_the_server_says_is_told_with_the_mend_and_whether_another_attempt_may_help(string code, int status, int exitCode, string text)
    {
        var error = S3Errors.Translate("s3://b/k", "https://s3", new AmazonS3Exception("words") { ErrorCode = code, StatusCode = (HttpStatusCode)status });
        Assert.That(error.ExitCode, Is.EqualTo(exitCode));
        Assert.That(error.Message, Does.StartWith("s3://b/k: ").And.Contain(text));
    }

    [TestCase("AccessDenied", 403)]
    [TestCase("InvalidAccessKeyId", 403)]
    [TestCase("SignatureDoesNotMatch", 403)]
    [TestCase("NoSuchBucket", 404)]
    public void What_is_refused_after_it_worked_may_pass(string code, int status)
    {
        var error = S3Errors.Translate("s3://b/k", "https://s3", new AmazonS3Exception("words") { ErrorCode = code, StatusCode = (HttpStatusCode)status }, proven: true);
        Assert.That(error, Is.TypeOf<StorageException>());
        Assert.That(error.ExitCode, Is.EqualTo(3));
        Assert.That(error.Message, Does.StartWith("s3://b/k: it worked before in this run"));
    }

    [Test]
    public void A_connection_that_breaks_half_way_is_opened_again_where_it_was()
    {
        var content = Enumerable.Range(0, 1000).Select(i => (byte)i).ToArray();
        var opened = new List<long>();
        using var stream = new S3ReadStream(Open, 0, content.Length, "s3://b/k", "https://s3", CancellationToken.None);
        var read = new byte[content.Length];
        stream.ReadExactly(read);
        Assert.That(read, Is.EqualTo(content));
        Assert.That(opened, Is.EqualTo(new[] { 0L, 300, 600, 900 }));

        MemoryStream Open(long offset)
        {
            opened.Add(offset);
            return new(content, (int)offset, (int)Math.Min(300, content.Length - offset));
        }
    }

    [Test]
    public void A_connection_that_breaks_again_and_again_is_given_up()
    {
        using var stream = new S3ReadStream(_ => new MemoryStream(), 0, 10, "s3://b/k", "https://s3", CancellationToken.None);
        Assert.That(() => stream.ReadByte(), Throws.TypeOf<StorageException>().With.Message.StartsWith("s3://b/k").And.Message.Contains("ended at byte 0 of 10"));
    }

    private static S3Settings Read(params (string Name, string Value)[] variables) =>
        S3Settings.FromEnvironment(variables.ToDictionary(v => v.Name, v => v.Value).GetValueOrDefault);
}
