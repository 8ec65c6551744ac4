using AiDc.Operator.Serving.Policies;

namespace AiDc.Operator.Tests.Serving;

[TestFixture]
internal sealed class SequentialTestsTests
{
    /// <summary>The logarithm of 1/α for α of a hundredth.</summary>
    private const double Beyond = 4.605;

    [Test]
    public void The_evidence_against_a_share_has_a_mean_of_at_most_one_where_the_share_is_kept()
    {
        // All outcomes of 12 requests, weighted by how likely they are at the limit: the definition of an e-value.
        const double limit = 0.1;
        var mean = 0.0;
        var ways = 1.0;
        for (var failed = 0; failed <= 12; failed++)
        {
            mean += ways * Math.Pow(limit, failed) * Math.Pow(1 - limit, 12 - failed) * Math.Exp(SequentialTests.OfRate(failed, 12, limit));
            ways = ways * (12 - failed) / (failed + 1);
        }

        Assert.That(mean, Is.EqualTo(1).Within(1e-9));
    }

    [TestCase(2, 2, true)]
    [TestCase(1, 1, false)]
    [TestCase(3, 120, false)]
    [TestCase(12, 120, true)]
    [TestCase(0, 100_000, false)]
    public void A_share_is_above_its_limit_beyond_chance_or_not(int failed, int all, bool above) =>
        Assert.That(SequentialTests.OfRate(failed, all, 0.01) > Beyond, Is.EqualTo(above));

    [Test]
    public void One_failure_is_enough_where_none_is_allowed() =>
        Assert.That((SequentialTests.OfRate(1, 1000, 0) > Beyond, SequentialTests.OfRate(0, 1000, 0) > Beyond), Is.EqualTo((true, false)));

    [Test]
    public void Nothing_is_above_a_limit_of_all() => Assert.That(SequentialTests.OfRate(50, 50, 1), Is.EqualTo(double.NegativeInfinity));

    [TestCase(0.05, true, TestName = "A mean far above the limit, for its spread, is beyond chance")]
    [TestCase(1.5, false, TestName = "The same mean with a wide spread is not")]
    public void The_spread_decides(double spread, bool above)
    {
        var ratios = Enumerable.Range(0, 12).Select(i => 1.5 * Math.Exp(i % 2 == 0 ? spread : -spread)).ToList();

        Assert.That(SequentialTests.OfMean(ratios, 1.2) > Beyond, Is.EqualTo(above));
    }

    [Test]
    public void Blocks_that_resemble_those_before_them_count_for_fewer()
    {
        // The same values: in turns, and in two runs.
        var values = Enumerable.Range(0, 24).Select(i => i % 2 == 0 ? 1.25 : 1.75).ToList();

        Assert.That(SequentialTests.OfMean([.. values.Order()], 1.2), Is.LessThan(SequentialTests.OfMean(values, 1.2) - 3));
    }

    [Test]
    public void A_mean_below_the_limit_and_too_few_blocks_are_no_evidence()
    {
        Assert.That(SequentialTests.OfMean([.. Enumerable.Repeat(1.1, 40)], 1.2), Is.EqualTo(double.NegativeInfinity));
        Assert.That(SequentialTests.OfMean([.. Enumerable.Repeat(9.0, 5)], 1.2), Is.EqualTo(double.NegativeInfinity));
    }
}
