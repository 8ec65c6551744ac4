using AiDc.Trainer.Serving.Models;
using AiDc.Trainer.Serving.Sources;
using AiDc.Trainer.Tests.Serving.Models;
using Microsoft.Extensions.Time.Testing;

namespace AiDc.Trainer.Tests.Serving.Sources;

/// <summary>What several processes of a node do to one cache. Locks are those of open files, so that two users in this process are as two processes.</summary>
internal sealed class ModelCacheTests : ServedModelFixture
{
    private FileServer _server = null!;

    private static string Cache => Folder["cache"];

    private static string[] Entries => [.. Directory.GetDirectories(Cache).Select(d => Path.GetFileName(d))];

    [SetUp]
    public async Task Start() => _server = await FileServer.StartAsync();

    [TearDown]
    public async Task Stop() => await _server.DisposeAsync();

    [Test]
    public void Of_replicas_that_start_at_once_one_fetches_and_all_load()
    {
        var options = Serve("m.onnx", Scaling.By(2, 400_000));
        var gate = new CountdownEvent(4);
        (_server.BreakAfter, _server.Hang) = (1000, async cancelled =>
        {
            while (!gate.IsSet) await Task.Delay(10, cancelled);
        });
        var replicas = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                gate.Signal();
                return Scaling.Answer(Load(options));
            },
            TaskCreationOptions.LongRunning)).ToArray();
        Assert.That(replicas.Select(r => r.GetAwaiter().GetResult()), Is.All.EqualTo(6));
        Assert.That(_server.Requests, Has.Count.EqualTo(1));
    }

    [Test]
    public void What_a_replica_fetched_before_it_was_stopped_is_not_fetched_again()
    {
        var content = Scaling.By(2, 4 << 20);
        var options = Serve("m.onnx", content) with { Sha256 = Sum(content) };
        using (var stop = new CancellationTokenSource())
        {
            (_server.BreakAfter, _server.Hang) = (3 << 20, async cancelled =>
            {
                while (Partial() < 3 << 20) await Task.Delay(10, cancelled);
                await stop.CancelAsync();
                await Task.Delay(Timeout.Infinite, cancelled);
            });
            Assert.That(() => Load(options, cancellation: stop.Token), Throws.InstanceOf<OperationCanceledException>());
        }

        Assert.That(Entries, Is.EqualTo(new[] { $"onnx-{Sum(content)}.partial" }));
        _server.BreakAfter = int.MaxValue;
        Assert.That(Scaling.Answer(Load(options)), Is.EqualTo(6));
        Assert.That(_server.Requests[^1], Does.EndWith($"bytes={3 << 20}-"));
        Assert.That(Entries, Is.EqualTo(new[] { $"onnx-{Sum(content)}" }));
    }

    [Test]
    public void What_is_left_of_a_power_failure_is_found_by_the_sum_and_fetched_anew()
    {
        var content = Scaling.By(2, 100_000);
        var options = Serve("m.onnx", content) with { Sha256 = Sum(content) };
        Folder.Write($"cache/onnx-{Sum(content)}.partial/model.onnx", new byte[50_000]);
        Assert.That(Scaling.Answer(Load(options)), Is.EqualTo(6));
    }

    [Test]
    public void A_copy_that_was_damaged_is_fetched_again_and_that_is_said()
    {
        var options = Serve("m.onnx", Scaling.By(2));
        Assert.That(Scaling.Answer(Load(options)), Is.EqualTo(6));
        var file = Directory.GetFiles(Path.Combine(Cache, Entries.Single()), "*.onnx").Single();
        var bytes = File.ReadAllBytes(file);
        bytes[^3] ^= 1;
        File.WriteAllBytes(file, bytes);
        Assert.That(Scaling.Answer(Load(options)), Is.EqualTo(6));
        Assert.That(Progress, Has.Some.Contains("damaged"));
        File.Delete(file);
        Assert.That(Scaling.Answer(Load(options)), Is.EqualTo(6));
        Assert.That(_server.Requests, Has.Count.EqualTo(3));
    }

    [Test]
    public void Beyond_its_size_what_was_not_used_for_the_longest_time_goes()
    {
        var options = Enumerable.Range(1, 3).Select(i => Serve($"{i}.onnx", Scaling.By(i, 100_000)) with { CacheBytes = 250_000 }).ToArray();
        foreach (var i in new[] { 0, 1, 0, 2 }) Assert.That(Scaling.Answer(Load(options[i])), Is.EqualTo(3 * (i + 1)));
        Assert.That(Entries, Has.Length.EqualTo(2));
        Assert.That(_server.Requests, Has.Count.EqualTo(3));
        Load(options[0]).Dispose();
        Assert.That(_server.Requests, Has.Count.EqualTo(3), "the first was used after the second");
        Load(options[1]).Dispose();
        Assert.That(_server.Requests, Has.Count.EqualTo(4));
    }

    [Test]
    public void What_a_process_loads_is_not_removed()
    {
        Load(Serve("1.onnx", Scaling.By(1, 100_000))).Dispose();
        var key = Entries.Single();
        var cache = new ModelCache(Cache, limit: 1, TimeProvider.System, _ => { });
        using (cache.TryUse(key, null, CancellationToken.None)!)
        {
            Load(Serve("2.onnx", Scaling.By(2, 100_000)) with { CacheBytes = 1 }).Dispose();
            Assert.That(Entries, Has.Length.EqualTo(2).And.Contains(key));
        }

        Load(Serve("3.onnx", Scaling.By(3, 100_000)) with { CacheBytes = 1 }).Dispose();
        Assert.That(Entries, Has.Length.EqualTo(1).And.Not.Contains(key), "a model that is larger than the cache is served all the same");
    }

    [Test]
    public void Work_that_is_slow_is_told_every_two_seconds_and_work_that_is_not_is_not_told()
    {
        var time = new FakeTimeProvider();
        var said = new List<string>();
        using (new SlowWork(time, said.Add, elapsed => $"{elapsed.TotalSeconds} s")) time.Advance(TimeSpan.FromSeconds(1.9));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.That(said, Is.Empty);
        using (new SlowWork(time, said.Add, elapsed => $"{elapsed.TotalSeconds} s"))
        {
            time.Advance(TimeSpan.FromSeconds(2));
            time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.That(said, Is.EqualTo(new[] { "2 s", "4 s" }));
    }

    private static long Partial() => Directory.Exists(Cache) ? new DirectoryInfo(Cache).EnumerateFiles("*.onnx", SearchOption.AllDirectories).Sum(f => f.Length) : 0;

    private static string Sum(byte[] content) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content));

    private ServedModelOptions Serve(string path, byte[] content)
    {
        _server.Files[path] = content;
        return new($"{_server.Address}/{path}", ModelFormat.Onnx, "m") { Cache = Cache };
    }
}
