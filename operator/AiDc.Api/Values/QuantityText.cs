using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using k8s.Models;

namespace AiDc.Api.Values;

/// <summary>Kubernetes quantities as text: 500m, 2, 1.5, 4Gi, 1e3. Never negative here.</summary>
public static partial class QuantityText
{
    /// <summary>The grammar, as in the schema.</summary>
    public const string Pattern = @"^([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,2})?$";

    /// <summary>Reads a quantity; false when the text is none or it is beyond what a decimal holds.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out decimal value)
    {
        value = 0;
        if (text is null || text.Length > 32 || !Grammar().IsMatch(text))
            return false;
        try
        {
            value = new ResourceQuantity(text).ToDecimal();
            return true;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return false;
        }
    }

    [GeneratedRegex(Pattern)]
    private static partial Regex Grammar();
}
