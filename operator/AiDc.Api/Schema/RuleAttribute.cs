namespace AiDc.Api.Schema;

/// <summary>
/// A rule over several fields that a schema cannot say, as a CEL expression over <c>self</c>, the object it is put on.
/// API servers from 1.25 on check it when an object is written; the validator says the same for older ones.
/// </summary>
/// <param name="expression">What has to be true.</param>
/// <param name="message">What is wrong and what mends it, for the person who wrote the object.</param>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
public sealed class RuleAttribute(string expression, string message) : Attribute
{
    public string Expression { get; } = expression;

    public string Message { get; } = message;
}
