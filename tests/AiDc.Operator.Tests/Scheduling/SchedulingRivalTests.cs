using AiDc.Benchmarks.Scheduling;
using AiDc.Benchmarks.Scheduling.Rivals;
using AiDc.Benchmarks.Scheduling.Simulation;
using AiDc.Operator.Scheduling;

namespace AiDc.Operator.Tests.Scheduling;

/// <summary>What the planner is compared with, and on what: reckoned by hand, and each against the other.</summary>
[TestFixture]
internal sealed class SchedulingRivalTests
{
    // Of 8 units a holds 6 until 100, then b needs 7. Until then c fits beside a; when it has ended d and e do, of which b leaves room for one.
    private static readonly SimulatedJob[] Five =
    [
        new("a", 0, 1, [6], 100), new("b", 1, 1, [7], 10), new("c", 2, 1, [2], 50), new("d", 3, 1, [1], 500), new("e", 4, 1, [1], 500),
    ];

    [TestCase(ListOrder.Fifo, new double[] { 100, 109, 158, 607, 606 })]
    [TestCase(ListOrder.FifoWithBackfill, new double[] { 100, 109, 50, 549, 606 })]
    [TestCase(ListOrder.ShortestThatFits, new double[] { 100, 561, 50, 549, 548 })]
    public void Plain_schedulers_do_what_the_textbook_says(ListOrder order, double[] completion) =>
        Assert.That(ListScheduler.Run(Five, 8, order), Is.EqualTo(completion));

    [Test]
    public void The_simulator_that_is_made_to_take_the_shortest_that_fits_does_as_the_plain_scheduler([Range(1, 5)] int seed)
    {
        var jobs = MuriTrace.Generated(seed);
        var cluster = new SimulatedCluster
        {
            Resources = ["gpu"],
            Nodes = [new("all", [64])],
            Queues = [new("all") { Flavors = [new("any", [64])], Ordering = QueueOrdering.ShortestFirst, ReservationDepth = 0 }],
        };

        var result = new ClusterSimulator(cluster).Run([.. jobs.Select(j => j with { Estimate = j.Duration / j.Units })]);

        Assert.That(result.Jobs.Select(j => j.CompletionTime), Is.EqualTo(ListScheduler.Run(jobs, 64, ListOrder.ShortestThatFits)).Within(0.01));
        Assert.That(result.Jobs.Count(j => j.Wait > 60), Is.GreaterThan(20), "jobs that wait at all");
    }

    [Test]
    public void A_trace_is_read_by_the_names_of_its_columns()
    {
        var jobs = MuriTrace.Parse("t.csv", ["duration,job_id,num_gpu,submit_time", "281000,1,16,1534000"]);

        Assert.That((jobs.Single().Submitted, jobs[0].Duration, jobs[0].Replicas, jobs[0].PerPod[0]), Is.EqualTo((1534.0, 281.0, 2, 8L)));
    }

    [TestCase("t.csv, line 2: column 2", "job_id,num_gpu,submit_time,duration", "1,none,0,5")]
    [TestCase("t.csv, line 2: column 4", "job_id,num_gpu,submit_time,duration", "1,8,0")]
    [TestCase("t.csv, line 2: 12 GPUs", "job_id,num_gpu,submit_time,duration", "1,12,0,5")]
    [TestCase("t.csv: the heading", "job,gpus", "1,8")]
    [TestCase("t.csv: it has no job", "job_id,num_gpu,submit_time,duration")]
    public void A_trace_that_cannot_be_read_is_refused_with_the_place(string message, params string[] lines) =>
        Assert.That(() => MuriTrace.Parse("t.csv", lines), Throws.InstanceOf<InvalidDataException>().With.Message.StartsWith(message));
}
