using AiDc.Benchmarks.Autoscaling.Rivals;
using AiDc.Benchmarks.Autoscaling.Simulation;

namespace AiDc.Operator.Tests.Serving.Scaling;

/// <summary>What the rivals are compared with does what their documentation says.</summary>
[TestFixture]
internal sealed class RivalTests
{
    [Test]
    public void Knative_asks_for_the_mean_concurrency_over_70_percent_of_the_target()
    {
        var knative = new KnativePodAutoscaler(10);

        Assert.That(Feed(knative, 0, 60, 2, concurrency: 21, ready: 3), Is.EqualTo(3));
        Assert.That(Feed(knative, 60, 130, 2, concurrency: 21.1, ready: 3), Is.EqualTo(4));
    }

    [Test]
    public void Knative_panics_at_twice_what_is_ready_and_gives_nothing_up_until_a_window_after_it()
    {
        var knative = new KnativePodAutoscaler(10);
        Feed(knative, 0, 60, 2, concurrency: 7, ready: 1);

        Assert.That(Feed(knative, 60, 70, 2, concurrency: 70, ready: 1), Is.EqualTo(10), "the panic window is full of the burst");
        Assert.That(Feed(knative, 70, 130, 2, concurrency: 7, ready: 10), Is.EqualTo(10), "in panic");
        Assert.That(Feed(knative, 130, 140, 2, concurrency: 7, ready: 10), Is.EqualTo(5), "half of what is ready");
    }

    [Test]
    public void Knative_gives_the_last_replica_up_a_grace_after_the_window()
    {
        var knative = new KnativePodAutoscaler(10);
        Feed(knative, 0, 10, 2, concurrency: 5, ready: 1);

        Assert.That(Feed(knative, 10, 96, 2, concurrency: 0, ready: 1), Is.EqualTo(1));
        Assert.That(Feed(knative, 96, 102, 2, concurrency: 0, ready: 1), Is.Zero);
    }

    [Test]
    public void The_HPA_does_nothing_within_its_tolerance()
    {
        var hpa = new HorizontalPodAutoscaler(10);

        Assert.That(Feed(hpa, 0, 15, 15, concurrency: 30.7, ready: 4), Is.EqualTo(4));
        Assert.That(Feed(hpa, 15, 30, 15, concurrency: 31, ready: 4), Is.EqualTo(5));
    }

    [Test]
    public void The_HPA_adds_four_pods_or_doubles_them()
    {
        Assert.That(Feed(new HorizontalPodAutoscaler(10), 0, 15, 15, concurrency: 7000, ready: 1), Is.EqualTo(5));
        Assert.That(Feed(new HorizontalPodAutoscaler(10), 0, 15, 15, concurrency: 7000, ready: 6), Is.EqualTo(12));
    }

    [Test]
    public void The_HPA_gives_up_what_it_has_not_needed_for_five_minutes()
    {
        var hpa = new HorizontalPodAutoscaler(10);
        Feed(hpa, 0, 15, 15, concurrency: 56, ready: 8);

        Assert.That(Feed(hpa, 15, 300, 15, concurrency: 7, ready: 8), Is.EqualTo(8));
        Assert.That(Feed(hpa, 300, 330, 15, concurrency: 7, ready: 8), Is.EqualTo(1));
    }

    /// <summary>The answer at the last tick before <paramref name="to"/>.</summary>
    private static int? Feed(IScalingAlgorithm algorithm, int from, int to, int tick, double concurrency, int ready)
    {
        int? answer = null;
        for (var now = from; now < to; now += tick)
            answer = algorithm.Decide(new()
            {
                Now = now, MeanConcurrency = concurrency, InFlight = 0, Queued = 0, Arrivals = 0, Completions = 0, ServiceSeconds = 0, Ready = ready, Starting = 0,
            });
        return answer;
    }
}
