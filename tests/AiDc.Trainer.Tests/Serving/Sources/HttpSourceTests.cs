using System.Security.Cryptography;
using System.Text;
using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Sources;
using AiDc.Trainer.Tests.Serving.Models;

namespace AiDc.Trainer.Tests.Serving.Sources;

/// <summary>Models from a web server on this machine.</summary>
internal sealed class HttpSourceTests : ServedModelFixture
{
    private FileServer _server = null!;

    private static string Cache => Folder["cache"];

    [SetUp]
    public async Task Start() => _server = await FileServer.StartAsync();

    [TearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public void A_bundle_is_fetched_once_and_another_start_asks_only_for_its_manifest()
    {
        var manifest = ServeBundle("models/digits");
        foreach (var address in new[] { $"{_server.Address}/models/digits", $"{_server.Address}/models/digits/", $"{_server.Address}/models/digits/model.json" })
            using (Load(Bundle(address))) Assert.That(Requests(manifest.Weights.File), Is.EqualTo(1), address);
        Assert.That(Requests("model.json"), Is.EqualTo(3));
    }

    [Test]
    public async Task With_its_sum_known_a_copy_needs_no_server()
    {
        ServeBundle("digits");
        var options = Bundle($"{_server.Address}/digits") with { Sha256 = Sum(_server.Files["digits/model.json"]) };
        using (Load(options)) await _server.DisposeAsync();
        using var again = Load(options);
        Assert.That(again.Metadata.Classes, Is.EqualTo(TestBundle.Classes));
    }

    [Test]
    public void A_file_that_another_one_replaced_is_fetched_again_and_an_unchanged_one_is_not()
    {
        var options = Serve("m.onnx", Scaled(2));
        Assert.That(Answer(options), Is.EqualTo(6));
        Assert.That(Answer(options), Is.EqualTo(6));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
        _server.Files["m.onnx"] = Scaled(5);
        Assert.That(Answer(options), Is.EqualTo(15));
        _server.Tags = false;
        _server.Files["m.onnx"] = Scaled(7);
        Assert.That(Answer(options), Is.EqualTo(21), "nothing says which version it is");
        _server.Files["m.onnx"] = Scaled(8);
        Assert.That(Answer(options), Is.EqualTo(24), "nothing says which version it is");
    }

    [Test]
    public void A_connection_that_breaks_again_and_again_is_taken_up_where_it_broke()
    {
        var content = Scaled(2, padding: 400_000);
        _server.BreakAfter = content.Length / 4;
        Assert.That(Answer(Serve("m.onnx", content)), Is.EqualTo(6));
        Assert.That(_server.Requests.Skip(1), Has.Count.GreaterThanOrEqualTo(3).And.All.Contains("bytes="));
    }

    [Test]
    public void A_server_without_ranges_serves_too()
    {
        var content = Scaled(2, padding: 400_000);
        (_server.Ranges, _server.BreakAfter, var first) = (false, content.Length / 2, true);
        _server.Hang = _ =>
        {
            if (!first) return Task.CompletedTask;
            first = false;
            throw new IOException("the cable is pulled");
        };
        Assert.That(Answer(Serve("m.onnx", content)), Is.EqualTo(6));
    }

    [Test]
    public void A_server_that_is_overloaded_for_a_moment_is_asked_again()
    {
        _server.Status = request => request == 1 ? 503 : request == 3 ? 429 : null;
        Assert.That(Answer(Serve("m.onnx", Scaled(2))), Is.EqualTo(6));
    }

    [TestCase(404, typeof(ConfigurationException), "no such file")]
    [TestCase(403, typeof(ConfigurationException), "signed URL")]
    [TestCase(400, typeof(ConfigurationException), "400")]
    [TestCase(500, typeof(StorageException), "500")]
    public void What_the_server_says_is_told_with_the_address_and_without_its_query(int status, Type kind, string fix)
    {
        _server.Status = _ => status;
        var error = Assert.Throws(kind, () => Load(Serve("m.onnx", Scaled(2)) with { Source = $"{_server.Address}/m.onnx?signature=hush" }));
        Assert.That(error!.Message, Does.StartWith($"{_server.Address}/m.onnx").And.Contain(fix).And.Not.Contain("hush"));
    }

    [Test]
    public void A_query_is_sent_and_not_shown()
    {
        Assert.That(Answer(Serve("m.onnx", Scaled(2)) with { Source = $"{_server.Address}/m.onnx?signature=hush" }), Is.EqualTo(6));
        Assert.That(_server.Requests, Has.All.Contains("?signature=hush"));
        Assert.That(string.Join('\n', Progress), Does.Not.Contain("hush"));
    }

    [TestCase("http://user:secret@127.0.0.1/m.onnx", "user")]
    [TestCase("https://", "URL")]
    public void An_address_that_is_none_is_refused(string address, string problem) =>
        Assert.That(() => Load(Onnx(address)), Throws.TypeOf<ConfigurationException>().With.Message.Contains(problem).And.Message.Not.Contains("secret"));

    [Test]
    public void A_server_that_is_not_there_is_worth_another_attempt() =>
        Assert.That(() => Load(Onnx("http://127.0.0.1:9/m.onnx")), Throws.TypeOf<StorageException>().With.Message.StartsWith("http://127.0.0.1:9/m.onnx"));

    [Test]
    public void A_wrong_sum_is_refused_and_nothing_of_it_is_used()
    {
        var right = Scaled(2);
        var options = Serve("m.onnx", Scaled(3)) with { Sha256 = Sum(right) };
        Assert.That(() => Load(options), Throws.TypeOf<InvalidFileException>().With.Message.Contains(Sum(right)).And.Message.Contains($"{_server.Address}/m.onnx"));
        _server.Files["m.onnx"] = right;
        Assert.That(Answer(options), Is.EqualTo(6));
        Assert.That(() => Load(options with { Sha256 = "abc" }), Throws.TypeOf<ConfigurationException>().With.Message.Contains("64"));
    }

    [Test]
    public void A_bundle_whose_weights_are_not_those_of_its_manifest_is_refused()
    {
        var manifest = ServeBundle("digits");
        _server.Files["digits/" + manifest.Weights.File][^1] ^= 1;
        Assert.That(() => Load(Bundle($"{_server.Address}/digits")), Throws.TypeOf<InvalidFileException>().With.Message.Contains(manifest.Weights.File));
        _server.Files.Remove("digits/" + manifest.Weights.File);
        Assert.That(() => Load(Bundle($"{_server.Address}/digits")), Throws.TypeOf<ConfigurationException>().With.Message.Contains(manifest.Weights.File));
        _server.Files["digits/model.json"] = "<html>"u8.ToArray();
        Assert.That(() => Load(Bundle($"{_server.Address}/digits")), Throws.TypeOf<InvalidFileException>().With.Message.Contains("model.json"));
    }

    [Test]
    public void Without_a_cache_nothing_is_left_behind()
    {
        var before = Directory.GetDirectories(Path.GetTempPath(), "aidc-model-*");
        var options = Serve("m.onnx", Scaled(2)) with { Cache = null };
        Assert.That(Answer(options), Is.EqualTo(6));
        _server.Files["m.onnx"] = [1];
        Assert.That(() => Load(options), Throws.TypeOf<InvalidFileException>());
        Assert.That(Directory.GetDirectories(Path.GetTempPath(), "aidc-model-*"), Is.SubsetOf(before));
    }

    [Test]
    public void A_server_that_falls_silent_is_asked_again()
    {
        var content = new byte[100_000];
        new Random(1).NextBytes(content);
        _server.Files["weights"] = content;
        (_server.BreakAfter, _server.Hang) = (60_000, cancelled => Task.Delay(Timeout.Infinite, cancelled));
        using var files = new HttpFiles($"{_server.Address}/weights", stalled: TimeSpan.FromMilliseconds(200));
        var file = files.FindModel(ModelFormat.Onnx, CancellationToken.None);
        new FileCopy(_ => { }).Run(WantedFile.Of(file, files, null), Folder["copy"], CancellationToken.None);
        Assert.That(File.ReadAllBytes(Folder["copy"]), Is.EqualTo(content));
        Assert.That(_server.Requests, Has.Count.EqualTo(2));
    }

    [Test]
    public void What_takes_long_is_told_with_address_and_bytes()
    {
        var content = Scaled(2, padding: 400_000);
        _server.BreakAfter = 100_000;
        _server.Hang = async cancelled =>
        {
            while (!Said("fetched")) await Task.Delay(20, cancelled);
        };
        Assert.That(Answer(Serve("m.onnx", content)), Is.EqualTo(6));
        Assert.That(Progress[0], Does.StartWith($"{_server.Address}/m.onnx: ").And.Contain("MiB").And.Contain("to go"));
    }

    [Test]
    public void A_copy_that_was_whole_when_its_process_was_killed_is_checked_and_not_asked_for_again()
    {
        var content = Scaled(2, padding: 100_000);
        var options = Serve("m.onnx", content) with { Sha256 = Sum(content) };
        Folder.Write($"cache/onnx-{Sum(content)}.partial/model.onnx", content);
        Assert.That(Answer(options), Is.EqualTo(6));
        Assert.That(_server.Requests, Is.Empty);
    }

    [Test]
    public void A_copy_of_the_right_length_and_another_content_is_fetched_anew()
    {
        var content = Scaled(2, padding: 100_000);
        var options = Serve("m.onnx", content) with { Sha256 = Sum(content) };
        Folder.Write($"cache/onnx-{Sum(content)}.partial/model.onnx", new byte[content.Length]);
        Assert.That(Answer(options), Is.EqualTo(6));
    }

    [Test]
    public void A_file_that_became_shorter_while_it_was_read_is_fetched_anew_by_the_next_attempt()
    {
        var content = Scaled(2, padding: 100_000);
        var options = Serve("m.onnx", content);
        (_server.Tags, _server.BreakAfter) = (false, 50_000);
        _server.Hang = _ =>
        {
            _server.Files["m.onnx"] = Scaled(5);
            (_server.Hang, _server.BreakAfter) = (null, int.MaxValue);
            throw new IOException("the cable is pulled");
        };
        Assert.That(() => Load(options), Throws.TypeOf<InvalidFileException>().With.Message.Contains("was replaced while it was read"));
        Assert.That(Answer(options), Is.EqualTo(15));
    }

    [Test]
    public void An_empty_file_is_no_wrong_address()
    {
        var options = Serve("m.onnx", []);
        Assert.That(() => Load(options), Throws.TypeOf<InvalidFileException>().With.Message.Contains("ONNX Runtime"));
    }

    [Test]
    public void A_copy_that_somebody_put_under_the_name_of_another_sum_is_not_used()
    {
        var (right, wrong) = (Scaled(2), Scaled(9));
        var options = Serve("m.onnx", right) with { Sha256 = Sum(right) };
        var entry = $"cache/onnx-{Sum(right)}";
        Folder.Write($"{entry}/model.onnx", wrong);
        Folder.Write($"{entry}/sums.json", Encoding.UTF8.GetBytes($$$"""{"model.onnx":{"bytes":{{{wrong.Length}}},"sha256":"{{{Sum(wrong)}}}"}}"""));
        Assert.That(Answer(options), Is.EqualTo(6));
        Assert.That(Progress, Has.Some.Contains("is not what its name says"));
        // Nor a file that the list does not name.
        File.Move(Folder[$"{entry}/model.onnx"], Folder[$"{entry}/kept.bin"]);
        Folder.Write($"{entry}/model.onnx", wrong);
        Folder.Write($"{entry}/sums.json", Encoding.UTF8.GetBytes($$$"""{"kept.bin":{"bytes":{{{right.Length}}},"sha256":"{{{Sum(right)}}}"}}"""));
        Assert.That(Answer(options), Is.EqualTo(6));
    }

    private bool Said(string word)
    {
        lock (Progress) return Progress.Any(line => line.Contains(word, StringComparison.Ordinal));
    }

    private int Requests(string file) => _server.Requests.Count(r => r.Contains(file, StringComparison.Ordinal));

    private AiDc.Trainer.Models.ModelManifest ServeBundle(string path)
    {
        var manifest = TestBundle.Write(Folder["bundle"]);
        foreach (var file in Directory.GetFiles(Folder["bundle"])) _server.Files[$"{path}/{Path.GetFileName(file)}"] = File.ReadAllBytes(file);
        return manifest;
    }

    private ServedModelOptions Serve(string path, byte[] content)
    {
        _server.Files[path] = content;
        return Onnx($"{_server.Address}/{path}");
    }

    private static ServedModelOptions Bundle(string source) => new(source, ModelFormat.Aidc, "m") { Cache = Cache };

    private static ServedModelOptions Onnx(string source) => new(source, ModelFormat.Onnx, "m") { Cache = Cache };

    private static string Sum(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private float Answer(ServedModelOptions options) => Scaling.Answer(Load(options));

    private static byte[] Scaled(float factor, int padding = 0) => Scaling.By(factor, padding);
}
