using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AiDc.Trainer.Tests.Cli;
using AiDc.Trainer.Tests.Training;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>What only a real process can show: it starts, serves a bundle, and ends as it is told to.</summary>
[TestFixture]
internal sealed partial class ServeProcessTests : IDisposable
{
    private readonly RunFolder _folder = new();
    private string _model = null!;

    [OneTimeSetUp]
    public void Train()
    {
        var options = _folder.Options("run", epochs: 1);
        _folder.Run(options);
        _model = options.Output;
    }

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task SIGTERM_under_load_fails_no_request_that_was_let_in_and_ends_it_with_0()
    {
        using var server = new TrainerProcess(["serve", "--model", _model, "--name", "toy", "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0", "--threads", "1"]);
        Assert.That(server.WaitForLine("\"event\":\"ready\""), server.Output);
        using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{HttpPort().Match(server.Output).Groups[1].Value}") };
        var answers = 0;
        var refusals = new List<string>();
        var clients = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                using var response = await http.PostAsJsonAsync("/v2/models/toy/infer", Request());
                var text = await response.Content.ReadAsStringAsync();
                if ((int)response.StatusCode == 200)
                {
                    Interlocked.Increment(ref answers);
                    continue;
                }

                lock (refusals) refusals.Add($"{(int)response.StatusCode} {string.Join(',', response.Headers.TryGetValues("aidc-not-processed", out var values) ? values : [])} {text}");
                return;
            }
        })).ToArray();
        Assert.That(() => Volatile.Read(ref answers), Is.GreaterThan(200).After(60).Seconds.PollEvery(10).MilliSeconds);
        server.Terminate();
        await Task.WhenAll(clients);
        Assert.That(refusals, Has.All.StartsWith("503 true "));
        Assert.That((int)(await http.GetAsync("/v2/health/ready")).StatusCode, Is.EqualTo(503));
        Assert.That((int)(await http.GetAsync("/v2/health/live")).StatusCode, Is.EqualTo(200));
        Assert.That(server.WaitForExit(), Is.Zero, server.Output);
        Assert.That(server.Lines, Has.All.StartsWith("{\"at\":"));
        Assert.That(server.Lines.Select(l => (string)JsonNode.Parse(l)!["event"]!), Is.SupersetOf(new[] { "listening", "ready", "draining", "stopped" }));
    }

    [Test]
    public void A_model_that_is_not_there_ends_it_with_2_and_the_last_line_says_why()
    {
        using var server = new TrainerProcess(["serve", "--model", Path.Combine(_folder.Root, "nowhere"), "--name", "toy", "--http-port", "0", "--grpc-port", "0", "--metrics-port", "0"]);
        Assert.That(server.WaitForExit(), Is.EqualTo(2), server.Output);
        Assert.That(server.Lines[^1], Does.Contain("nowhere"));
        Assert.That(server.Output, Does.Not.Contain("\"event\":\"ready\""));
    }

    [TestCase("--max-batch 0", "--max-batch 0: use 1")]
    [TestCase("--concurrency 0", "--concurrency 0")]
    [TestCase("--http-port 70000", "--http-port 70000")]
    [TestCase("--request-log-rate 2", "--request-log-rate 2")]
    [TestCase("--timeout 0s", "--timeout")]
    [TestCase("--input image:FP99:1", "FP99")]
    [TestCase("--threads 0", "--threads 0")]
    public void A_setting_out_of_range_ends_it_with_2_and_is_named(string options, string expected)
    {
        var (code, output, _) = TrainerProcess.Run(["serve", "--model", _model, "--name", "toy", .. options.Split(' ')]);
        Assert.That(code, Is.EqualTo(2));
        Assert.That(output, Does.Contain(expected));
    }

    private static JsonObject Request() => new()
    {
        ["inputs"] = new JsonArray(new JsonObject
        {
            ["name"] = "image",
            ["datatype"] = "FP32",
            ["shape"] = new JsonArray(1, 1, ToyProblem.Side, ToyProblem.Side),
            ["data"] = new JsonArray([.. Enumerable.Range(0, ToyProblem.Side * ToyProblem.Side).Select(i => (JsonNode)(i * 0.01))]),
        }),
    };

    [GeneratedRegex("HTTP on port ([0-9]+)")]
    private static partial Regex HttpPort();
}
