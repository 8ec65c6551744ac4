namespace AiDc.Api.Validation;

/// <summary>Collects what is wrong.</summary>
internal sealed class Errors
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;

    public void Add(string path, string problem, string fix) => _errors.Add(new FieldError(path, problem, fix));

    /// <summary>Whether something was said about the field or a field in it: then no more is deduced from its value.</summary>
    public bool Has(string path) => _errors.Exists(e =>
        e.Path == path || e.Path.StartsWith(path + ".", StringComparison.Ordinal) || e.Path.StartsWith(path + "[", StringComparison.Ordinal));
}

/// <summary>One thing that is wrong with an object.</summary>
/// <param name="Path">The field, from the root: spec.trainer.epochs.</param>
/// <param name="Problem">What is wrong with it, to be read after the path.</param>
/// <param name="Fix">What to write instead.</param>
public sealed record FieldError(string Path, string Problem, string Fix)
{
    public override string ToString() => $"{Path}: {Problem}; {Fix}";
}

/// <summary>What validity depends on apart from the object: how the operator is configured.</summary>
public sealed record ValidationContext
{
    /// <summary>The folders of nodes that hostpath URIs may name, with all below them. None by default.</summary>
    public IReadOnlyList<string> AllowedHostPaths { get; init; } = [];

    /// <summary>The extended resource that resources.gpus counts.</summary>
    public string GpuResourceName { get; init; } = "nvidia.com/gpu";
}
