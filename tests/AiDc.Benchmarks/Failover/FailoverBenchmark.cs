using System.Globalization;
using Spectre.Console;

namespace AiDc.Benchmarks.Failover;

/// <summary>
/// A training of three workers on three real nodes that loses workers, nodes and the operator's leader, so many times each. Medians are
/// reported, the worst beside them. After each training its ledger is checked, its losses are compared with those of an undisturbed run of
/// the same seed, and nothing of it may be left in the cluster. Then, once each: the same power-off under a gang of an image of one's own and
/// under a Job of stock Kubernetes, and a training that nobody disturbs on a machine that is busy with other work.
/// </summary>
internal static class FailoverBenchmark
{
    private const string Folder = "/var/lib/aidc/bench";
    private const string Trials = "trials", OwnImage = "own-image", Loaded = "loaded", Stock = "stock";
    private const int Epochs = 1;
    private const int Seeds = 3;

    public static IReadOnlySet<string> WantedParts() => Parts.Wanted("AIDC_FAILOVER_PARTS", Trials, OwnImage, Loaded, Stock);

    public static async Task RunAsync(Figures figures, CancellationToken ct)
    {
        var parts = WantedParts();
        await ElasticJob.PrepareAsync(Folder, ct);
        await BenchData.PrepareAsync(Folder, figures, ct);
        if (parts.Contains(Trials))
            await TrialsAsync((int)Number("AIDC_TRIALS", 10), figures, ct);
        // Before any other node is away for as long as the cluster needs to notice: see StockJob.
        if (parts.Contains(Stock))
            await TryAsync("a stock Job", () => StockJob.MeasureAsync(Folder, figures, ct));
        if (parts.Contains(OwnImage))
            await TryAsync("an image of one's own", () => OwnImageAsync(figures, ct));
        if (parts.Contains(Loaded))
            await TryAsync("a busy machine", () => LoadedTraining.RunAsync(Folder, TimeSpan.FromMinutes(Number("AIDC_LOADED_MINUTES", 30)), figures, ct));
        figures.Set("processesLeft", await LocalCluster.TrainersLeftAsync(ct));
        await LocalCluster.KubectlAsync(ct, "delete", "namespace", ElasticJob.Namespace, "--wait=true");
    }

    private static async Task TrialsAsync(int trials, Figures figures, CancellationToken ct)
    {
        var outcomes = new Outcomes(await References.RunAsync(Folder, Epochs, Seeds, ct));
        for (var i = 0; i < trials; i++)
        {
            AnsiConsole.MarkupLineInterpolated(CultureInfo.InvariantCulture, $"[grey]round {i + 1} of {trials}[/]");
            foreach (var scenario in (Func<int, Outcomes, CancellationToken, Task>[])[CrashAndLinkAsync, DropAndLeaderAsync, RigidAsync])
                if (!await TryAsync(scenario.Method.Name, () => scenario(i, outcomes, ct)))
                    outcomes.Failed();
        }

        outcomes.Report(figures, trials);
    }

    private static async Task OwnImageAsync(Figures figures, CancellationToken ct)
    {
        var (detected, restarted) = await OwnImageJob.PowerOffAsync(Folder, ct);
        if (detected is { } seconds)
            figures.Set("ownImageDetectSeconds", seconds);
        figures.Set("ownImageRestartSeconds", restarted);
    }

    /// <summary>What fails is said, its figures are missing, and the rest goes on.</summary>
    private static async Task<bool> TryAsync(string what, Func<Task> part)
    {
        try
        {
            await part();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            AnsiConsole.MarkupLineInterpolated($"[red]{what} failed: {e.Message}[/]");
            foreach (var node in LocalCluster.Nodes)
                await LocalCluster.PowerOnAsync(node, CancellationToken.None);
            return false;
        }
    }

    /// <summary>A worker's process is killed; the operator's leader is killed; a node loses its link.</summary>
    private static async Task CrashAndLinkAsync(int round, Outcomes outcomes, CancellationToken ct)
    {
        await using var job = await StartAsync($"crash-{round}", round, elastic: true, ct);
        var (leader, _) = await LocalCluster.LeaderAsync(ct);
        var (victim, _) = (await job.WorkersAsync(ct))[^1];
        outcomes.Add("crash", await Trial.RunAsync(job, () => LocalCluster.SignalContainerAsync(ElasticJob.Namespace, victim, "KILL", ct), ct));

        await job.TrainsAtFullStrengthAsync(20, ct);
        outcomes.LeaderKilled(await LeaderIsKilledAsync(job, leader, ct));

        var (_, leaderNode) = await LocalCluster.LeaderAsync(ct);
        var (_, node) = (await job.WorkersAsync(ct)).Last(w => w.Node != leaderNode);
        outcomes.Add("link", await Trial.RunAsync(job, () => LocalCluster.PowerOffAsync(node, "link", ct), ct));
        await LocalCluster.PowerOnAsync(node, ct);
        await outcomes.EndedAsync(job, Seed(round), ct);
    }

    /// <summary>A node drops all packets silently; the node of the operator's leader loses its link, with the leader and a worker on it.</summary>
    private static async Task DropAndLeaderAsync(int round, Outcomes outcomes, CancellationToken ct)
    {
        await using var job = await StartAsync($"drop-{round}", round, elastic: true, ct);
        var (_, leaderNode) = await LocalCluster.LeaderAsync(ct);
        var (_, node) = (await job.WorkersAsync(ct)).Last(w => w.Node != leaderNode);
        outcomes.Add("drop", await Trial.RunAsync(job, () => LocalCluster.PowerOffAsync(node, "drop", ct), ct));
        await LocalCluster.PowerOnAsync(node, ct);

        await job.TrainsAtFullStrengthAsync(20, ct);
        await LocalCluster.OperatorIsWholeAsync(ct);
        (_, leaderNode) = await LocalCluster.LeaderAsync(ct);
        if ((await job.WorkersAsync(ct)).Any(w => w.Node == leaderNode))
            outcomes.Add("leaderNode", await Trial.RunAsync(job, () => LocalCluster.PowerOffAsync(leaderNode, "link", ct), ct));
        else
            AnsiConsole.MarkupLine("[yellow]no worker was on the leader's node; this round has no figure for it[/]");
        await LocalCluster.PowerOnAsync(leaderNode, ct);
        await outcomes.EndedAsync(job, Seed(round), ct);
    }

    /// <summary>A job of exactly three workers waits, with its state in memory, for the replacement.</summary>
    private static async Task RigidAsync(int round, Outcomes outcomes, CancellationToken ct)
    {
        await using var job = await StartAsync($"rigid-{round}", round, elastic: false, ct);
        var (_, leaderNode) = await LocalCluster.LeaderAsync(ct);
        var (_, node) = (await job.WorkersAsync(ct)).Last(w => w.Node != leaderNode);
        outcomes.Add("rigid", await Trial.RunAsync(job, () => LocalCluster.PowerOffAsync(node, "link", ct), ct));
        await LocalCluster.PowerOnAsync(node, ct);
        await outcomes.EndedAsync(job, Seed(round), ct);
    }

    /// <returns>Steps lost, and how long the training stood still at most.</returns>
    private static async Task<(long LostSteps, long NewGenerations)> LeaderIsKilledAsync(ElasticJob job, string leader, CancellationToken ct)
    {
        var before = job.Ledger;
        await LocalCluster.SignalContainerAsync("aidc-system", leader, "KILL", ct);
        var at = DateTimeOffset.UtcNow;
        // Long enough for the lease to run out and for another to lead.
        await job.UntilAsync("the training goes on without its operator", l => l.Step >= before.Step + 50 && DateTimeOffset.UtcNow - at > TimeSpan.FromSeconds(12) ? l : null, ct);
        await LocalCluster.LeadsAsync(leader, ct);
        await LocalCluster.RenewReplicaAsync(leader, ct);
        var after = job.Ledger;
        var lost = after.Generation == before.Generation ? 0 : after.StepsDoneAgain(after.Generation);
        return (lost, after.Generation - before.Generation);
    }

    private static async Task<ElasticJob> StartAsync(string name, int round, bool elastic, CancellationToken ct)
    {
        var job = await ElasticJob.StartAsync(name, Folder, Epochs, Seed(round), elastic, ct);
        await job.TrainsAtFullStrengthAsync(20, ct);
        return job;
    }

    private static double Number(string variable, double otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    private static int Seed(int round) => (round % Seeds) + 1;
}
