using System.Globalization;

namespace AiDc.Trainer.Serving.Models;

/// <summary>Which model to serve.</summary>
/// <param name="Source">A folder or file, s3://bucket/key, or an http(s) URL; see <see cref="ServedModels"/>.</param>
/// <param name="Name">By which requests call it.</param>
public sealed record ServedModelOptions(string Source, ModelFormat Format, string Name)
{
    /// <summary>Of the model's file; of model.json for a bundle. Null: not checked.</summary>
    public string? Sha256 { get; init; }

    /// <summary>For TorchScript, which does not say what it takes.</summary>
    public IReadOnlyList<TensorMetadata> Inputs { get; init; } = [];

    /// <summary>A folder for copies of what comes over the network, shared by all replicas of a node. Null: a temporary one of this process.</summary>
    public string? Cache { get; init; }

    /// <summary>Above this the copies that were not used for the longest time are removed.</summary>
    public long CacheBytes { get; init; } = 20L << 30;

    /// <summary>Threads of one operation.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}

/// <summary>What a model is stored as.</summary>
public enum ModelFormat
{
    /// <summary>A result of <c>aidc-trainer train</c>: model.json and the weights that it names.</summary>
    Aidc,

    /// <summary>A file that torch.jit.save wrote.</summary>
    TorchScript,

    /// <summary>An ONNX file.</summary>
    Onnx,
}

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
