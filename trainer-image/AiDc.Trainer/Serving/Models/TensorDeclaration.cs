using System.Globalization;

namespace AiDc.Trainer.Serving.Models;

/// <summary>An input as the command line declares it: <c>name:datatype:shape</c>, such as <c>image:FP32:-1,1,28,28</c>.</summary>
public static class TensorDeclaration
{
    private const string Form = "write name:datatype:shape, such as image:FP32:-1,1,28,28";

    /// <exception cref="ConfigurationException">It is no declaration.</exception>
    public static TensorMetadata Parse(string text)
    {
        var parts = text.Split(':');
        if (parts is not [{ Length: > 0 } name, var type, var shape]) throw new ConfigurationException($"--input {text}: {Form}");
        var datatype = Datatypes.Find(type) ?? throw new ConfigurationException($"--input {text}: there is no datatype {type}; use one of {string.Join(", ", Datatypes.Names)}");
        return new(name, datatype, [.. shape.Trim('[', ']').Split(',').Select(size => Size(text, size.Trim()))]);
    }

    private static long Size(string text, string size) =>
        long.TryParse(size, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value is -1 or > 0
            ? value
            : throw new ConfigurationException($"--input {text}: '{size}' is no size of a dimension; use numbers above 0, and -1 for any");
}
