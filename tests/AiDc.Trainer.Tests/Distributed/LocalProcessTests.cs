using System.Diagnostics;
using System.Text.Json;
using AiDc.Trainer.Distributed;
using AiDc.Trainer.Distributed.Collectives;
using AiDc.Trainer.Distributed.Ledger;
using AiDc.Trainer.Distributed.Local;
using AiDc.Trainer.Reporting;
using AiDc.Trainer.Tests.Cli;
using AiDc.Trainer.Tests.Training;
using AiDc.Trainer.Training;

namespace AiDc.Trainer.Tests.Distributed;

/// <summary>Members of two processes each: the first in this process, the other a real child.</summary>
[NonParallelizable]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class LocalProcessTests : IDisposable
{
    private readonly RunFolder _folder = new();
    private readonly TestLeader _leader = new();
    private readonly List<TestWorker> _workers = [];
    private readonly List<LocalProcesses> _others = [];

    public void Dispose()
    {
        foreach (var worker in _workers) worker.Dispose();
        foreach (var others in _others) others.Dispose();
        _leader.Dispose();
        _folder.Dispose();
    }

    [Test]
    public void The_processes_of_two_members_train_as_four_ranks_in_the_order_of_the_members()
    {
        Start("a", epochs: 2);
        Start("b", epochs: 2);
        FormWhenPrepared("b", "a");
        foreach (var worker in _workers) worker.Join();

        Assert.That(_workers.Select(w => w.Error), Has.All.Null);
        Assert.That(_workers[1].Log.Notes.Single(n => n.Event == "group").Message, Does.Contain("rank 0 of 4"));
        Assert.That(_workers[0].Log.Notes.Single(n => n.Event == "group").Message, Does.Contain("rank 2 of 4"));
        foreach (var others in _others) others.Dispose();
        var hashes = new[] { "report.json", "report.1.json", "report.2.json", "report.3.json" }
            .Select(f => JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder.Root, f))).RootElement.GetProperty("parametersSha256").GetString());
        Assert.That(hashes.Distinct().Count(), Is.EqualTo(1));
        Assert.That(Ledger(epochs: 2).Problems, Is.Empty);
    }

    [Test]
    public void A_member_of_which_one_process_is_killed_ends_and_the_other_goes_on_without_it()
    {
        var broken = false;
        _leader.OnMessage = (uid, message) =>
        {
            if (uid != "b" || message.GroupBroken is null || broken) return;
            broken = true;
            Task.Run(() => _leader.Form("b"));
        };
        var killed = false;
        Start("a", epochs: 30, (_, p) =>
        {
            if (killed || p.Step < 3) return;
            killed = true;
            Process.GetProcessById(_others[0].Ids[0]).Kill();
        });
        Start("b", epochs: 30);
        FormWhenPrepared("a", "b");
        foreach (var worker in _workers) worker.Join();

        Assert.That(_workers[0].Error, Is.TypeOf<LocalProcessException>().With.Message.Contains("local rank 1 ended with code 137"));
        Assert.That(_workers[1].Error, Is.Null);
        Assert.That(Ledger(epochs: 30).Problems, Is.Empty);
    }

    [Test]
    public void What_a_library_prints_to_a_process_standard_output_is_passed_on_and_ends_nobody()
    {
        var heard = new List<FromLocalProcess>();
        var stray = new List<string>();
        using var ended = new ManualResetEventSlim();
        var code = -1;
        using var process = new LocalProcess(
            new ProcessStartInfo("sh", ["-c", "echo 'node1:42:42 [0] NCCL INFO Bootstrap'; echo '{\"kind\":\"prepared\"}'; echo '{\"nccl\": 1}'; echo null; echo '{\"kind\":\"ready\",\"generation\":3}'"]),
            heard.Add, exitCode => { code = exitCode; ended.Set(); }, stray.Add);

        Assert.That(ended.Wait(TimeSpan.FromMinutes(1)));
        Assert.That(code, Is.Zero);
        Assert.That(heard.Select(m => (m.Kind, m.Generation)), Is.EqualTo(new[] { (FromLocalProcess.Word.Prepared, 0L), (FromLocalProcess.Word.Ready, 3L) }));
        Assert.That(stray, Has.Count.EqualTo(3).And.Some.Contains("NCCL INFO"));
    }

    [Test]
    public void A_backend_that_is_not_there_ends_the_worker_and_does_not_leave_it_silent()
    {
        var options = _folder.Options("gang", 1) with { Checkpoints = null };
        _workers.Add(new TestWorker("a", _leader, options, backend: new MissingLibrary()));
        FormWhenPrepared("a");
        _workers[0].Join();

        Assert.That(_workers[0].Error, Is.TypeOf<DllNotFoundException>());
    }

    private sealed class MissingLibrary : ICollectiveBackend
    {
        public IPendingGroup Prepare(int rank, int size, TimeSpan collectiveTimeout) => throw new DllNotFoundException("libnccl.so.2");
    }

    private void Start(string uid, int epochs, Action<TestWorker, TrainingProgress>? onReport = null)
    {
        var options = _folder.Options("gang", epochs) with
        {
            Model = new("cnn", false, 0), Ledger = Path.Combine(_folder.Root, "ledger"), Report = Path.Combine(_folder.Root, "report.json"), Checkpoints = null,
        };
        var others = new LocalProcesses(1, rank => Child(options, rank), () => false);
        _others.Add(others);
        _workers.Add(new TestWorker(uid, _leader, options, others: others, onReport: onReport));
    }

    private void FormWhenPrepared(params string[] members) => Task.Run(async () =>
    {
        while (!members.All(m => _leader.Standing(m).Prepared)) await Task.Delay(5);
        _leader.Form(members);
    });

    private LedgerVerdict Ledger(int epochs) => LedgerCheck.Verify(LedgerReader.Read(Path.Combine(_folder.Root, "ledger")), 100, epochs);

    private static ProcessStartInfo Child(TrainingOptions options, int rank)
    {
        var start = new ProcessStartInfo(
            TrainerProcess.Program[0],
            [
                .. TrainerProcess.Program.Skip(1),
                "train", "--data", options.Data, "--dropout", "0", "--epochs", $"{options.Epochs}", "--batch-size", $"{options.BatchSize}", "--learning-rate", "0.003",
                "--seed", $"{options.Seed}", "--output", options.Output, "--threads", "1", "--report", options.Report!, "--ledger", options.Ledger!, "--distributed", "--local-rank", $"{rank}",
            ]);
        start.Environment["AIDC_INTERFACE"] = "127.0.0.1";
        return start;
    }
}
