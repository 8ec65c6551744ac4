using AiDc.Api.Values;

namespace AiDc.Api.Tests.Values;

[TestFixture]
internal sealed class QuantityTextTests
{
    [TestCase("2", 2)]
    [TestCase("500m", 0.5)]
    [TestCase("1.5", 1.5)]
    [TestCase(".5", 0.5)]
    [TestCase("4Gi", 4294967296)]
    [TestCase("1k", 1000)]
    [TestCase("1e3", 1000)]
    public void A_quantity_is_read(string text, double value)
    {
        Assert.That(QuantityText.TryParse(text, out var quantity), Is.True);
        Assert.That(quantity, Is.EqualTo((decimal)value));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("4GB")]
    [TestCase("-1")]
    [TestCase("1 Gi")]
    [TestCase("two")]
    [TestCase("1e99")]
    [TestCase("1e50")]
    public void What_is_no_quantity_is_refused(string? text) => Assert.That(QuantityText.TryParse(text, out _), Is.False);
}
