namespace AiDc.Trainer.Storage;

/// <summary>Keys to an S3 server; their text is hidden.</summary>
/// <param name="SessionToken">Null for keys that stay valid.</param>
public sealed record S3Credentials(string AccessKeyId, string SecretAccessKey, string? SessionToken)
{
    public override string ToString() => nameof(S3Credentials);
}
