using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;

namespace AiDc.Trainer.Storage;

/// <summary>The operations on a bucket that we need. Waits for each; repeats what may succeed later, as the SDK does. Errors name bucket and key.</summary>
/// <param name="access">Shared by all that use this bucket in this process.</param>
internal sealed class S3Bucket(IAmazonS3 api, string bucket, string endpoint, S3Access? access = null)
{
    /// <summary>An object as a listing shows it.</summary>
    public sealed record Item(string Key, long Bytes, string ETag);

    public static IAmazonS3 Connect(S3Settings settings)
    {
        var config = new AmazonS3Config
        {
            AuthenticationRegion = settings.Region,
            ForcePathStyle = settings.PathStyle,
            RetryMode = RequestRetryMode.Standard,
            MaxErrorRetry = 4,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            Timeout = TimeSpan.FromMinutes(2),
        };
        if (settings.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.AbsoluteUri;
            // Newer than most servers that are not Amazon's. What we send is signed and what we read is compared with the manifest.
            config.RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED;
            config.ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED;
        }
        else
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(settings.Region);
        }

        return settings.Credentials switch
        {
            null => new AmazonS3Client(config),
            { SessionToken: null } keys => new AmazonS3Client(new BasicAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey), config),
            var keys => new AmazonS3Client(new SessionAWSCredentials(keys.AccessKeyId, keys.SecretAccessKey, keys.SessionToken), config),
        };
    }

    /// <summary>Files can be written here: what is refused from now on may be a rotated key or a server that restarts, and may pass.</summary>
    public void Proven()
    {
        if (access is not null) access.IsProven = true;
    }

    public string Locate(string key) => new S3Uri(bucket, key).ToString();

    /// <returns>Null when there is no such object.</returns>
    public Item? Find(string key, CancellationToken cancellation = default)
    {
        var found = Wait(key, MissingIsNull(api.GetObjectMetadataAsync(new() { BucketName = bucket, Key = key }, cancellation)), cancellation);
        return found is null ? null : new(key, found.ContentLength, found.ETag);
    }

    /// <exception cref="InvalidFileException">There is no such object.</exception>
    public Stream OpenRead(string key, CancellationToken cancellation = default)
    {
        var item = Find(key, cancellation) ?? throw new InvalidFileException(Locate(key), "there is no such object");
        return Open(item, cancellation);
    }

    /// <summary>Reads the object that was found, or fails if it has been replaced since.</summary>
    public Stream Open(Item item, CancellationToken cancellation = default) => Open(item, 0, cancellation);

    /// <param name="start">Where reading begins, in bytes.</param>
    public Stream Open(Item item, long start, CancellationToken cancellation) =>
        new S3ReadStream(offset => OpenAt(item, offset, cancellation), start, item.Bytes, Locate(item.Key), endpoint, cancellation);

    /// <summary>All objects whose key begins so.</summary>
    public IReadOnlyList<Item> List(string keysBelow, CancellationToken cancellation = default)
    {
        var items = new List<Item>();
        Pages(keysBelow, delimiter: null, page => items.AddRange((page.S3Objects ?? []).Select(o => new Item(o.Key, o.Size ?? 0, o.ETag))), cancellation);
        return items;
    }

    /// <summary>The next parts, up to a slash, of the keys that begin so.</summary>
    public IReadOnlyList<string> ListFolders(string keysBelow)
    {
        var folders = new List<string>();
        Pages(keysBelow, "/", page => folders.AddRange(page.CommonPrefixes ?? []), default);
        return [.. folders.Select(f => f[keysBelow.Length..].TrimEnd('/'))];
    }

    public void Put(string key, byte[] content, int count)
    {
        using var body = new MemoryStream(content, 0, count, writable: false);
        Wait(key, api.PutObjectAsync(new()
        {
            BucketName = bucket, Key = key, InputStream = body, AutoCloseStream = false, UseChunkEncoding = false, DisablePayloadSigning = false,
        }));
    }

    public void Delete(string key) => Wait(key, api.DeleteObjectAsync(new DeleteObjectRequest { BucketName = bucket, Key = key }));

    public string StartUpload(string key) =>
        Wait(key, api.InitiateMultipartUploadAsync(new() { BucketName = bucket, Key = key })).UploadId;

    /// <param name="number">Counts from 1.</param>
    public async Task<PartETag> UploadPartAsync(string key, string upload, int number, byte[] content, int count, CancellationToken cancellation)
    {
        try
        {
            using var body = new MemoryStream(content, 0, count, writable: false);
            var response = await api.UploadPartAsync(
                new()
                {
                    BucketName = bucket, Key = key, UploadId = upload, PartNumber = number, PartSize = count, InputStream = body,
                    UseChunkEncoding = false, DisablePayloadSigning = false,
                },
                cancellation).ConfigureAwait(false);
            return new(number, response.ETag);
        }
        catch (Exception error) when (IsOfRequest(error, cancellation))
        {
            throw Translate(key, error);
        }
    }

    public void CompleteUpload(string key, string upload, IReadOnlyCollection<PartETag> parts) => Wait(
        key, api.CompleteMultipartUploadAsync(new() { BucketName = bucket, Key = key, UploadId = upload, PartETags = [.. parts.OrderBy(p => p.PartNumber)] }));

    public void AbortUpload(string key, string upload) =>
        Wait(key, api.AbortMultipartUploadAsync(new() { BucketName = bucket, Key = key, UploadId = upload }));

    /// <summary>Uploads that were started and neither completed nor aborted, of keys that begin so.</summary>
    public IReadOnlyList<(string Key, string Upload)> ListUploads(string keysBelow)
    {
        var uploads = new List<(string, string)>();
        var request = new ListMultipartUploadsRequest { BucketName = bucket, Prefix = keysBelow };
        ListMultipartUploadsResponse page;
        do
        {
            page = Wait(keysBelow, api.ListMultipartUploadsAsync(request));
            uploads.AddRange((page.MultipartUploads ?? []).Select(u => (u.Key, u.UploadId)));
            (request.KeyMarker, request.UploadIdMarker) = (page.NextKeyMarker, page.NextUploadIdMarker);
        }
        while (page.IsTruncated == true);
        return uploads;
    }

    private void Pages(string keysBelow, string? delimiter, Action<ListObjectsV2Response> page, CancellationToken cancellation)
    {
        var request = new ListObjectsV2Request { BucketName = bucket, Prefix = keysBelow, Delimiter = delimiter };
        ListObjectsV2Response response;
        do
        {
            response = Wait(keysBelow, api.ListObjectsV2Async(request, cancellation), cancellation);
            page(response);
            request.ContinuationToken = response.NextContinuationToken;
        }
        while (response.IsTruncated == true);
    }

    private Stream OpenAt(Item item, long offset, CancellationToken cancellation)
    {
        var request = new GetObjectRequest { BucketName = bucket, Key = item.Key, EtagToMatch = item.ETag };
        if (offset > 0) request.ByteRange = new(offset, item.Bytes - 1);
        try
        {
            var found = Wait(item.Key, MissingIsNull(api.GetObjectAsync(request, cancellation)), cancellation);
            return found?.ResponseStream ?? throw new InvalidFileException(Locate(item.Key), "it was removed while it was read");
        }
        catch (StorageException error) when (error.InnerException is AmazonS3Exception { StatusCode: HttpStatusCode.PreconditionFailed })
        {
            throw new InvalidFileException(Locate(item.Key), "it was replaced while it was read", error);
        }
    }

    private static async Task<T?> MissingIsNull<T>(Task<T> request)
        where T : class
    {
        try
        {
            return await request.ConfigureAwait(false);
        }
        catch (AmazonS3Exception error) when (S3Errors.IsMissing(error))
        {
            return null;
        }
    }

    /// <summary>Nothing else runs on our threads meanwhile: neither the training thread nor the writer's has a context to block.</summary>
    private T Wait<T>(string key, Task<T> request, CancellationToken cancellation = default)
    {
        try
        {
            return request.GetAwaiter().GetResult();
        }
        catch (Exception error) when (IsOfRequest(error, cancellation))
        {
            throw Translate(key, error);
        }
    }

    private TrainerException Translate(string key, Exception error) => S3Errors.Translate(Locate(key), endpoint, error, access?.IsProven == true);

    /// <summary>The SDK lets what its HTTP client throws through; a cancellation that nobody asked for is a time-out.</summary>
    private static bool IsOfRequest(Exception error, CancellationToken cancellation) =>
        error is AmazonClientException or AmazonServiceException or HttpRequestException or IOException or TimeoutException
        || (error is OperationCanceledException && !cancellation.IsCancellationRequested);
}
