namespace AiDc.Api.Validation;

/// <summary>Collects what is wrong.</summary>
internal sealed class Errors
{
    private readonly List<FieldError> _errors = [];

    public IReadOnlyList<FieldError> All => _errors;

    public void Add(string path, string problem, string mend) => _errors.Add(new FieldError(path, problem, mend));

    /// <summary>Whether something was said about the field or a field in it: then no more is deduced from its value.</summary>
    public bool Has(string path) => _errors.Exists(e =>
        e.Path == path || e.Path.StartsWith(path + ".", StringComparison.Ordinal) || e.Path.StartsWith(path + "[", StringComparison.Ordinal));
}
