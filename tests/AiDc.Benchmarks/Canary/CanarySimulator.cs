using AiDc.Api;
using AiDc.Api.V1Alpha1;
using AiDc.ControllerRuntime;
using AiDc.Operator.Serving;
using AiDc.Operator.Serving.Demand;
using AiDc.Operator.Serving.Observed;
using AiDc.Operator.Serving.Policies;

namespace AiDc.Benchmarks.Canary;

/// <summary>What the two revisions of a trial do.</summary>
/// <param name="Slower">How many times longer the canary takes than what is resampled for it.</param>
/// <param name="Errors">The share of the canary's requests that fail.</param>
/// <param name="StableErrors">The same of the stable revision.</param>
/// <param name="Left">The share of the requests, of either, whose caller leaves.</param>
internal sealed record CanaryScenario(double Slower = 1, double Errors = 0, double StableErrors = 0, double Left = 0)
{
    public double RequestsPerSecond { get; init; } = 20;

    /// <summary>Replicas of the whole service.</summary>
    public int Replicas { get; init; } = 4;

    public CanaryAnalysisSpec Analysis { get; init; } = new();
}

/// <param name="Answered">Requests that the canary had answered by then, over all steps.</param>
internal sealed record CanaryOutcome(string? Verdict, long Answered, string? Message)
{
    public bool IsRolledBack => Verdict == CanaryVerdict.RolledBack;

    public bool IsPromoted => Verdict == CanaryVerdict.Promoted;
}

/// <summary>
/// Leads a canary from its first share to its end as the operator does, by the operator's own policy and at a look a second, on requests that come by
/// chance and whose latencies are resampled. At each step that brings new replicas the canary begins as a recorded new process did.
/// </summary>
internal static class CanarySimulator
{
    private const string Stable = "stable", Canary = "canary";

    /// <summary>Requests of the recording that count as of the same time.</summary>
    private const int Around = 15;

    private static readonly NamespacedName Name = new("bench", "digits");

    private static readonly DateTimeOffset Start = DateTimeOffset.UnixEpoch;

    /// <param name="most">Requests of the canary after which the trial is broken off.</param>
    public static CanaryOutcome Run(CanaryScenario scenario, LatencySeries series, int seed, int most)
    {
        var random = new Random(seed);
        var memory = new ServiceMemory();
        var walk = new LatencySeries.Walk(series, random);
        walk.Move(1);
        var stable = new Counted(scenario.StableErrors, scenario.Left, 1);
        var canary = new Counted(scenario.Errors, scenario.Left, scenario.Slower);
        var status = new CanaryStatus { Revision = Canary, Verdict = CanaryVerdict.Starting };
        var (weight, replicas) = (0, 0);
        for (var second = 0; canary.Reading.Completed < most; second++)
        {
            var all = Poisson(random, scenario.RequestsPerSecond);
            var tried = Enumerable.Range(0, all).Count(_ => random.Next(100) < weight);
            // A new process gets over its beginning by the requests that it answers.
            var span = walk.IsFresh ? (double)tried / replicas : Math.Max(tried, all - tried);
            for (var i = 0; i < tried; i++) canary.Answer(random, walk.Started(span * i / tried));
            for (var i = 0; i < all - tried; i++) stable.Answer(random, walk.Running(walk.IsFresh ? random.Next(-Around, Around) : span * i / (all - tried)));
            walk.Move(span);
            var wanted = CanaryPolicy.Replicas(scenario.Replicas, scenario.Analysis.Steps[Math.Min(status.Step, scenario.Analysis.Steps.Count - 1)]);
            if (wanted > replicas) walk.Start();
            replicas = wanted;
            var load = new ServiceReading(1, true, 0, 0, 0, new Dictionary<string, RevisionReading> { [Stable] = stable.Reading, [Canary] = canary.Reading });
            var decision = Decide(scenario, memory, status, load, replicas, Start.AddSeconds(second));
            (status, weight) = (decision.Status!, decision.Weight);
            if (status.Verdict is CanaryVerdict.Promoted or CanaryVerdict.RolledBack) break;
        }
        return new(status.Verdict, canary.Reading.Completed, status.Message);
    }

    /// <summary>What the operator decides at one look.</summary>
    public static CanaryDecision Decide(CanaryScenario scenario, ServiceMemory memory, CanaryStatus status, ServiceReading load, int replicas, DateTimeOffset now)
    {
        var service = new InferenceService
        {
            Metadata = new() { Name = Name.Name, NamespaceProperty = Name.Namespace, Uid = "uid", Generation = 1 },
            Spec = new() { Model = new() { Uri = "pvc://models/a" }, Canary = new() { Model = new() { Uri = "pvc://models/b" }, Analysis = scenario.Analysis } },
            Status = new() { Stable = Stable, Canary = status, Replicas = new() { Desired = scenario.Replicas } },
        };
        var snapshot = new ServiceSnapshot(
            service, [Deployment(Stable, scenario.Replicas), Deployment(Canary, replicas)], [.. Pods(Stable, scenario.Replicas), .. Pods(Canary, replicas)])
        {
            Load = load,
            Trial = status.Since is null ? null : memory.Trial(Name, "uid", status, Stable, load),
        };
        return CanaryPolicy.Decide(new(snapshot, new(), now), new(new(Stable, null), new(Canary, null)));
    }

    private static ServingDeployment Deployment(string name, int replicas) =>
        new() { Metadata = new() { Name = name, CreationTimestamp = Start.UtcDateTime }, Spec = new() { Replicas = replicas } };

    private static IEnumerable<ServingPod> Pods(string revision, int count) => Enumerable.Range(0, count).Select(i => new ServingPod
    {
        Metadata = new() { Name = $"{revision}-{i}", NamespaceProperty = Name.Namespace, Uid = $"{revision}-{i}", Labels = new Dictionary<string, string> { [Labels.Revision] = revision } },
        Spec = new() { NodeName = "node" },
        Status = new() { Phase = "Running", Conditions = [new() { Type = "Ready", Status = "True" }] },
    });

    private static int Poisson(Random random, double mean)
    {
        var count = 0;
        for (var left = mean + Math.Log(1 - random.NextDouble()); left > 0; left += Math.Log(1 - random.NextDouble())) count++;
        return count;
    }

    /// <summary>What gateways would have counted of a revision.</summary>
    private sealed class Counted(double errors, double left, double slower)
    {
        public RevisionReading Reading { get; private set; } = RevisionReading.Nothing;

        public void Answer(Random random, double latency)
        {
            var seconds = slower * latency;
            Reading = random.NextDouble() < left
                ? Reading with { Arrivals = Reading.Arrivals + 1, Left = Reading.Left + 1, LeftSeconds = Reading.LeftSeconds + (seconds / 2) }
                : Reading with
                {
                    Arrivals = Reading.Arrivals + 1,
                    Completed = Reading.Completed + 1,
                    Errors = Reading.Errors + (random.NextDouble() < errors ? 1 : 0),
                    ServiceSeconds = Reading.ServiceSeconds + seconds,
                    LogMicroseconds = Reading.LogMicroseconds + Math.Log(Math.Max(1, seconds * 1e6)),
                };
        }
    }
}
