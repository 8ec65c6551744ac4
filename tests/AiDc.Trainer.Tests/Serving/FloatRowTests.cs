using System.Globalization;
using System.Text;
using System.Text.Json;
using AiDc.Trainer.Serving.Rest;

namespace AiDc.Trainer.Tests.Serving;

/// <summary>The short way from JSON's numbers to floats takes nothing that JSON does not, and rounds as the long way does.</summary>
internal sealed class FloatRowTests
{
    [TestCase(11)]
    [TestCase(12)]
    public void Each_number_becomes_the_float_nearest_to_it(int seed)
    {
        var random = new Random(seed);
        var written = Enumerable.Range(0, 20000).Select(_ => Number(random)).ToArray();
        foreach (var number in written) Assert.That(FloatRow.Read(Encoding.UTF8.GetBytes(number + "]"), new float[1], out _), Is.EqualTo(number.Length), number);
        var values = new float[written.Length];
        var text = Encoding.UTF8.GetBytes(string.Join(random.Next(2) == 0 ? "," : " ,\n ", written) + "]");
        Assert.That(FloatRow.Read(text, values, out var count), Is.EqualTo(text.Length - 1));
        Assert.That(count, Is.EqualTo(written.Length));
        for (var i = 0; i < count; i++)
            Assert.That(BitConverter.SingleToInt32Bits(values[i]), Is.EqualTo(BitConverter.SingleToInt32Bits(float.Parse(written[i], CultureInfo.InvariantCulture))), written[i]);
    }

    [TestCase("16777217")]
    [TestCase("16777219.0")]
    [TestCase("8388609.5")]
    [TestCase("0.000000059604648328104516")]
    [TestCase("1.00000005960464477539062500000001")]
    [TestCase("1.000000059604644775390625")]
    [TestCase("9007199254740993")]
    [TestCase("3.4028235e38")]
    [TestCase("340282346638528859811704183484516925440")]
    [TestCase("1.401298464324817e-45")]
    [TestCase("1e-50")]
    [TestCase("-0")]
    [TestCase("-0.0")]
    public void Numbers_on_the_edge_are_rounded_as_ever(string number)
    {
        var values = new float[1];
        Assert.That(FloatRow.Read(Encoding.UTF8.GetBytes(number + "]"), values, out _), Is.EqualTo(number.Length));
        Assert.That(BitConverter.SingleToInt32Bits(values[0]), Is.EqualTo(BitConverter.SingleToInt32Bits(float.Parse(number, CultureInfo.InvariantCulture))));
    }

    [TestCase(21)]
    public void It_takes_what_JSON_takes_and_nothing_else(int seed)
    {
        var random = new Random(seed);
        const string characters = "0123456789+-.eE, ";
        var taken = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => characters[random.Next(characters.Length)])]);
            var values = new float[8];
            var took = FloatRow.Read(Encoding.UTF8.GetBytes(text + "]"), values, out var count) >= 0;
            if (took) taken++;
            if (took) Assert.That(IsArray(text, count), text);
        }

        Assert.That(taken, Is.GreaterThan(1000));
    }

    [TestCase("]")]
    [TestCase("")]
    [TestCase("1")]
    [TestCase("1,")]
    [TestCase("1,]")]
    [TestCase("01]")]
    [TestCase("1.]")]
    [TestCase("-]")]
    [TestCase("1e]")]
    [TestCase("1e99]")]
    [TestCase("NaN]")]
    [TestCase("[1]]")]
    [TestCase("\"1\"]")]
    [TestCase("1,2,3]")]
    public void The_rest_is_left_to_the_reader_of_tokens(string text) => Assert.That(FloatRow.Read(Encoding.UTF8.GetBytes(text), new float[2], out _), Is.EqualTo(-1));

    private static bool IsArray(string text, int count)
    {
        try
        {
            using var json = JsonDocument.Parse($"[{text}]");
            return json.RootElement.GetArrayLength() == count && json.RootElement.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Number(Random random) => random.Next(6) switch
    {
        0 => random.Next(-1000, 1000).ToString(CultureInfo.InvariantCulture),
        1 => (random.NextDouble() * random.Next(1000)).ToString("0.########", CultureInfo.InvariantCulture),
        2 => random.NextDouble().ToString("R", CultureInfo.InvariantCulture),
        3 => ((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-44, 38))).ToString("E12", CultureInfo.InvariantCulture),
        4 => random.NextSingle().ToString("R", CultureInfo.InvariantCulture),
        _ => $"{(random.Next(2) == 0 ? "-" : "")}{random.NextInt64()}.{random.NextInt64()}",
    };
}
