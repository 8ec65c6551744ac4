using AiDc.Gateway.Replicas;

namespace AiDc.Gateway.Tests.Replicas;

[TestFixture]
internal sealed class OutlierPolicyTests
{
    private static readonly (int, int) Well = (0, 100);

    [Test]
    public void Five_failures_in_a_row_are_no_accident_and_four_are()
    {
        Assert.That(OutlierPolicy.Ejects(After(4), Well, 3, 0), Is.False);
        Assert.That(OutlierPolicy.Ejects(After(5), Well, 3, 0), Is.True);
    }

    [Test]
    public void So_is_a_half_of_many()
    {
        var half = default(Outcomes);
        for (var i = 0; i < 20; i++)
        {
            Assert.That(OutlierPolicy.Ejects(half, Well, 3, 0), Is.False, $"after {i}");
            half = half.And(i % 2 == 0);
        }
        Assert.That(OutlierPolicy.Ejects(half, Well, 3, 0), Is.True);
    }

    [Test]
    public void Requests_that_fail_everywhere_are_the_requests_fault() => Assert.That(OutlierPolicy.Ejects(After(64), (60, 100), 3, 0), Is.False);

    [Test]
    public void Nothing_is_known_against_the_request_where_the_others_had_none() => Assert.That(OutlierPolicy.Ejects(After(5), (0, 0), 2, 0), Is.True);

    [TestCase(1, 0, false)]
    [TestCase(2, 0, true)]
    [TestCase(2, 1, false)]
    [TestCase(3, 1, false)]
    [TestCase(4, 1, true)]
    public void Of_a_revision_half_of_the_replicas_stay(int replicas, int ejected, bool ejects) =>
        Assert.That(OutlierPolicy.Ejects(After(5), Well, replicas, ejected), Is.EqualTo(ejects));

    [Test]
    public void One_that_comes_back_is_out_again_with_the_next_failure_and_each_time_for_longer()
    {
        Assert.That(OutlierPolicy.Ejects(Outcomes.OnTrial.And(failed: true), Well, 3, 0), Is.True);
        Assert.That(OutlierPolicy.Ejects(Outcomes.OnTrial.And(failed: false).And(failed: true), Well, 3, 0), Is.False);
        Assert.That(Enumerable.Range(0, 50).Select(OutlierPolicy.For), Is.Ordered.And.All.LessThanOrEqualTo(TimeSpan.FromMinutes(2)));
        Assert.That(OutlierPolicy.For(1), Is.EqualTo(2 * OutlierPolicy.For(0)));
    }

    private static Outcomes After(int failures)
    {
        var outcomes = default(Outcomes);
        for (var i = 0; i < failures; i++) outcomes = outcomes.And(failed: true);
        return outcomes;
    }
}
