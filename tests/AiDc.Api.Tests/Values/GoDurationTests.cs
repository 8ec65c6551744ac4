using System.Text.RegularExpressions;
using AiDc.Api.Values;

namespace AiDc.Api.Tests.Values;

[TestFixture]
internal sealed class GoDurationTests
{
    [TestCase("0s", 0)]
    [TestCase("30s", 30)]
    [TestCase("10m", 600)]
    [TestCase("1h30m", 5400)]
    [TestCase("1.5h", 5400)]
    [TestCase("500ms", 0.5)]
    [TestCase("7d", 604800)]
    [TestCase("1d2h3m4s", 93784)]
    [TestCase("100us", 0.0001)]
    [TestCase("100µs", 0.0001)]
    [TestCase("200ns", 0.0000002)]
    public void A_duration_is_read(string text, double seconds)
    {
        Assert.That(GoDuration.TryParse(text, out var duration), Is.True);
        Assert.That(duration, Is.EqualTo(TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond))));
        Assert.That(text, Does.Match(GoDuration.Pattern), "the schema's pattern");
    }

    [TestCase("")]
    [TestCase("30")]
    [TestCase("s")]
    [TestCase("-5s")]
    [TestCase("+5s")]
    [TestCase("5 s")]
    [TestCase("1w")]
    [TestCase("1.s")]
    [TestCase(".5s")]
    [TestCase("5S")]
    [TestCase("1e3s")]
    public void What_is_no_duration_is_refused_by_the_parser_and_by_the_schema(string text)
    {
        Assert.That(GoDuration.TryParse(text, out _), Is.False);
        Assert.That(Regex.IsMatch(text, GoDuration.Pattern), Is.False, "the schema's pattern");
        Assert.That(() => GoDuration.Parse(text), Throws.TypeOf<FormatException>().With.Message.Contains("30s"));
    }

    [TestCase("99999999999999999d")]
    [TestCase("106751991d99h")]
    [TestCase("10675199d10675199d")]
    public void A_duration_beyond_what_can_be_held_is_refused(string text) => Assert.That(GoDuration.TryParse(text, out _), Is.False);

    [TestCase(0, "0s")]
    [TestCase(0.25, "250ms")]
    [TestCase(0.0001, "1ms")]
    [TestCase(59.9, "59s")]
    [TestCase(250, "4m10s")]
    [TestCase(93784, "1d2h3m4s")]
    [TestCase(604800, "7d")]
    public void A_duration_is_written_for_people(double seconds, string text) =>
        Assert.That(GoDuration.Format(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [Test]
    public void What_is_written_is_read_back()
    {
        foreach (var seconds in Enumerable.Range(0, 5000).Select(i => i * 977L))
            Assert.That(GoDuration.Parse(GoDuration.Format(TimeSpan.FromSeconds(seconds))), Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }
}
