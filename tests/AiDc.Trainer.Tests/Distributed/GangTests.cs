using System.Text.Json;
using AiDc.Api;
using AiDc.Coordination.V1;
using AiDc.Trainer.Distributed.Ledger;
using AiDc.Trainer.Hosting;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Tests.Training;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>Whole trainings of several members over real connections, while members come and go.</summary>
[NonParallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class GangTests : IDisposable
{
    private const int Samples = 100;
    private readonly RunFolder _folder = new(train: Samples);
    private readonly TestLeader _leader = new();
    private readonly List<TestWorker> _workers = [];

    public void Dispose()
    {
        foreach (var worker in _workers) worker.Dispose();
        _leader.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void When_one_of_three_is_killed_the_others_go_on_at_the_next_step_and_every_sample_is_used_once()
    {
        FormWhenPrepared("a", "b", "c");
        ReformWithout("b");
        var killedAt = 0L;
        StartAll(Options(epochs: 3), (worker, p) =>
        {
            if (worker.Uid != "b" || p.Step < 12) return;
            killedAt = p.Step;
            worker.Kill();
        });
        JoinAll();

        Assert.That(Of("b").Result, Is.Null);
        foreach (var survivor in new[] { Of("a"), Of("c") })
        {
            Assert.That(survivor.Error, Is.Null);
            Assert.That(survivor.Log.Notes.Single(n => n.Event == "resumed").Message, Does.StartWith($"continuing at step {killedAt} ").And.EndsWith("from memory"));
        }

        Assert.That(Ledger(epochs: 3), Has.Property(nameof(LedgerVerdict.Problems)).Empty.And.Property(nameof(LedgerVerdict.Steps)).EqualTo(30));
        Assert.That(Hashes(2).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Who_joins_has_the_same_bits_as_the_others_and_the_loss_is_that_of_a_run_without_it()
    {
        FormWhenPrepared("a", "b");
        var grown = false;
        Start("a", Options(epochs: 3), (_, p) =>
        {
            if (p.Step < 8 || grown) return;
            grown = true;
            _leader.Form("a", "b", "c");
        });
        Start("b", Options(epochs: 3));
        Start("c", Options(epochs: 3));
        JoinAll();

        Assert.That(_workers.Select(w => w.Error), Has.All.Null);
        Assert.That(Hashes(3).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Of("c").Log.Notes.Single(n => n.Event == "resumed").Message, Does.Contain("took the state of rank 0"));
        Assert.That(Ledger(epochs: 3).Problems, Is.Empty);
        var alone = _folder.Options("alone", 3) with { Model = new("cnn", false, 0) };
        Assert.That(Of("c").Result!.Metrics["testLoss"], Is.EqualTo(_folder.Run(alone).Metrics["testLoss"]).Within(1e-4));
    }

    [Test]
    public void Members_that_are_all_asked_to_end_stop_at_one_step_and_leave_a_checkpoint_from_which_fewer_go_on()
    {
        FormWhenPrepared("a", "b", "c");
        var options = Options(epochs: 3, checkpoints: true);
        StartAll(options, (_, p) =>
        {
            if (p.Phase == TrainingPhase.Training && p.Step >= 7)
                foreach (var worker in _workers.ToArray()) worker.Stop.Request(ExitCodes.Terminated);
        });
        JoinAll();

        Assert.That(_workers.Select(w => (w.Error as StoppedException)?.ExitCode), Has.All.EqualTo(143));
        var stopped = _workers.Select(w => w.Log.Notes.Single(n => n.Event == "stopping").Message.Split(' ', ';')[5]).Distinct().ToArray();
        Assert.That(stopped, Has.Length.EqualTo(1), "they stopped at different steps");
        var step = long.Parse(stopped[0]);
        var left = Directory.GetDirectories(options.Checkpoints!.Folder, $"g1-s{step}-*").Single();

        FormWhenPrepared("d", "e");
        Start("d", options);
        Start("e", options);
        JoinAll();
        Assert.That(new[] { Of("d").Error, Of("e").Error }, Has.All.Null);
        Assert.That(Of("d").Log.Notes.Single(n => n.Event == "resumed").Message, Does.StartWith($"continuing at step {step} ").And.Contain(left));
        Assert.That(Ledger(epochs: 3).Problems, Is.Empty);
        Assert.That(Directory.GetDirectories(options.Checkpoints.Folder, "g2-s30-*"), Has.Length.EqualTo(1));
    }

    [Test]
    public void Who_holds_keeps_its_state_and_goes_on_with_it_when_there_are_enough_again()
    {
        FormWhenPrepared("a", "b");
        var held = false;
        StartAll(Options(epochs: 2), (worker, p) =>
        {
            if (p.Step < 6 || held) return;
            held = true;
            _leader.Hold(writer: "a");
        });
        Assert.That(() => held && _workers.TrueForAll(w => w.Log.Noted("group-lost")), Is.True.After(60_000, 10));
        _leader.Form("b", "a");
        JoinAll();
        Assert.That(_workers.Select(w => w.Error), Has.All.Null);
        Assert.That(Ledger(epochs: 2).Problems, Is.Empty);
        Assert.That(Hashes(2).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void While_holding_the_one_that_was_named_writes_the_checkpoint_when_it_is_asked_to_end()
    {
        FormWhenPrepared("a", "b");
        var held = false;
        var options = Options(epochs: 2, checkpoints: true);
        StartAll(options, (worker, p) =>
        {
            if (p.Step < 6 || held) return;
            held = true;
            _leader.Hold(writer: "b");
        });
        Assert.That(() => held && _workers.TrueForAll(w => w.Log.Noted("group-lost")), Is.True.After(60_000, 10));
        foreach (var worker in _workers) worker.Stop.Request(ExitCodes.Terminated);
        JoinAll();
        Assert.That(_workers.Select(w => (w.Error as StoppedException)?.ExitCode), Has.All.EqualTo(143));
        Assert.That(Directory.GetDirectories(options.Checkpoints!.Folder, "g1-s*").Single(), Does.Contain("-b0"));
    }

    [Test]
    public void A_member_that_is_asked_to_end_takes_part_until_the_others_go_on_without_it()
    {
        FormWhenPrepared("a", "b", "c");
        var options = Options(epochs: 3, checkpoints: true);
        _leader.OnMessage = Chain(_leader.OnMessage, (uid, message) =>
        {
            if (message.Leaving is not null) Task.Run(() => _leader.Form("b", "c"));
        });
        StartAll(options, (worker, p) =>
        {
            if (worker.Uid == "a" && p.Step >= 5) worker.Stop.Request(ExitCodes.Terminated);
        });
        JoinAll();
        Assert.That(Of("a").Error, Is.TypeOf<StoppedException>());
        Assert.That(new[] { Of("b").Error, Of("c").Error }, Has.All.Null);
        Assert.That(Ledger(epochs: 3).Problems, Is.Empty);
        Assert.That(Of("b").Log.Notes.Single(n => n.Event == "resumed").Message, Does.EndWith("from memory"), "a step was lost to a member that went in peace");
    }

    [Test]
    public void A_gang_that_diverges_goes_back_to_its_checkpoint_together_and_ends_with_4_when_it_diverges_again()
    {
        FormWhenPrepared("a", "b");
        var options = Options(epochs: 3, checkpoints: true) with { Optimizer = new(OptimizerKind.Sgd, 1e30, 0, 0) };
        options = options with { Checkpoints = options.Checkpoints! with { Every = TimeSpan.FromSeconds(1) } };
        StartAll(options, (_, _) => { });
        JoinAll();
        foreach (var worker in _workers)
        {
            Assert.That(worker.Error, Is.TypeOf<DivergedException>().With.Property(nameof(TrainerException.ExitCode)).EqualTo(4), worker.Uid);
            Assert.That(worker.Log.Notes.Count(n => n.Event == "diverging"), Is.EqualTo(1));
        }
    }

    private TrainingOptions Options(int epochs, bool checkpoints = false)
    {
        var options = _folder.Options("gang", epochs) with
        {
            Model = new("cnn", false, 0), Ledger = Path.Combine(_folder.Root, "ledger"), Report = Path.Combine(_folder.Root, "report.json"),
        };
        return checkpoints ? options : options with { Checkpoints = null };
    }

    private void StartAll(TrainingOptions options, Action<TestWorker, TrainingProgress> onReport)
    {
        foreach (var uid in _forming) Start(uid, options, onReport);
    }

    private string[] _forming = [];

    /// <summary>The first membership, as soon as all of them are prepared.</summary>
    private void FormWhenPrepared(params string[] members)
    {
        _forming = members;
        Task.Run(async () =>
        {
            while (!members.All(m => _workers.ToArray().Any(w => w.Uid == m) && _leader.Standing(m).Prepared)) await Task.Delay(5);
            _leader.Form(members);
        });
    }

    /// <summary>Once all others have said that the group is broken.</summary>
    private void ReformWithout(string lost)
    {
        var broken = new HashSet<string>();
        _leader.OnMessage = Chain(_leader.OnMessage, (uid, message) =>
        {
            if (message.GroupBroken is null) return;
            broken.Add(uid);
            var others = _forming.Where(m => m != lost).ToArray();
            if (broken.IsSupersetOf(others)) Task.Run(() => _leader.Form(others));
        });
    }

    private static Action<string, WorkerMessage> Chain(Action<string, WorkerMessage>? first, Action<string, WorkerMessage> second) => first + second;

    private void Start(string uid, TrainingOptions options, Action<TestWorker, TrainingProgress>? onReport = null) =>
        _workers.Add(new TestWorker(uid, _leader, options, onReport: onReport));

    private void JoinAll() => _workers.ForEach(w => w.Join());

    private TestWorker Of(string uid) => _workers.Single(w => w.Uid == uid);

    private LedgerVerdict Ledger(int epochs) => LedgerCheck.Verify(LedgerReader.Read(Path.Combine(_folder.Root, "ledger")), Samples, epochs);

    private IEnumerable<string> Hashes(int ranks) => Enumerable.Range(0, ranks).Select(rank =>
    {
        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Root, rank == 0 ? "report.json" : $"report.{rank}.json")));
        return report.RootElement.GetProperty("parametersSha256").GetString()!;
    });
}
