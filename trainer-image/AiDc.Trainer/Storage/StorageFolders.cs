using Amazon.S3;

namespace AiDc.Trainer.Storage;

/// <summary>Opens folders by what the command line calls them: a path, or <c>s3://bucket/prefix</c>.</summary>
/// <param name="environment">Value of an environment variable; null when it is not set or empty. Read when S3 is first used.</param>
public sealed class StorageFolders(Func<string, string?> environment) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, S3Access> _access = new(StringComparer.Ordinal);
    private (IAmazonS3 Api, string Endpoint)? _s3;

    /// <exception cref="ConfigurationException">It is no place, or the settings of S3 are wrong.</exception>
    public IStorageFolder Open(string place) => S3Uri.Is(place)
        ? new S3Folder(Bucket(S3Uri.Parse(place)), S3Uri.Parse(place), PartPlan.SizeOf)
        : new LocalFolder(place);

    internal S3Bucket Bucket(S3Uri uri)
    {
        lock (_lock)
        {
            if (_s3 is null)
            {
                var settings = S3Settings.FromEnvironment(environment);
                _s3 = (S3Bucket.Connect(settings), settings.Endpoint?.AbsoluteUri ?? $"Amazon S3 in {settings.Region}");
            }

            if (!_access.TryGetValue(uri.Bucket, out var access)) _access.Add(uri.Bucket, access = new());
            return new(_s3.Value.Api, uri.Bucket, _s3.Value.Endpoint, access);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _s3?.Api.Dispose();
            _s3 = null;
        }
    }
}
