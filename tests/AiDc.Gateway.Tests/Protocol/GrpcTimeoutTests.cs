using AiDc.Gateway.Protocol;


namespace AiDc.Gateway.Tests.Protocol;

public sealed class GrpcTimeoutTests
{
    [TestCase("1H", 3_600_000)]
    [TestCase("2M", 120_000)]
    [TestCase("30S", 30_000)]
    [TestCase("250m", 250)]
    [TestCase("5000u", 5)]
    [TestCase("7000000n", 7)]
    [TestCase("99999999H", 365.0 * 24 * 3_600_000)]
    public void The_units_of_the_protocol_are_read(string text, double milliseconds) =>
        Assert.That(GrpcTimeout.Parse(text)!.Value.TotalMilliseconds, Is.EqualTo(milliseconds));

    [TestCase(null)]
    [TestCase("")]
    [TestCase("S")]
    [TestCase("10")]
    [TestCase("-1S")]
    [TestCase("1s")]
    [TestCase("123456789S")]
    [TestCase("1.5S")]
    public void What_is_malformed_is_no_deadline(string? text) => Assert.That(GrpcTimeout.Parse(text), Is.Null);

    [Test]
    public void What_is_written_is_read_again([Values(1, 30_000, 99_999_999, 10_000_000_000)] double milliseconds) =>
        Assert.That(GrpcTimeout.Parse(GrpcTimeout.Format(TimeSpan.FromMilliseconds(milliseconds)))!.Value.TotalMilliseconds, Is.EqualTo(milliseconds));

    [Test]
    public void Time_that_is_over_is_still_a_deadline() => Assert.That(GrpcTimeout.Format(TimeSpan.FromSeconds(-1)), Is.EqualTo("1m"));
}
