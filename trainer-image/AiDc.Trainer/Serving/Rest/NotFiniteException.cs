using System.Globalization;

namespace AiDc.Trainer.Serving.Rest;

/// <summary>An output that JSON cannot say.</summary>
internal sealed class NotFiniteException(string output, double value)
    : Exception(string.Create(CultureInfo.InvariantCulture, $"output '{output}' has the value {value}, which is no JSON: ask for it as binary data"));
