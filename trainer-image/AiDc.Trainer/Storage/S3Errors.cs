using System.Net;
using Amazon.Runtime;
using Amazon.S3;

namespace AiDc.Trainer.Storage;

/// <summary>What an S3 server or the way to it says, as an error that names the place and says what to do. What no retry helps is a configuration error.</summary>
internal static class S3Errors
{
    /// <param name="place">Bucket and key as a URI.</param>
    /// <param name="endpoint">Where requests go, for a person.</param>
    /// <param name="proven">Whether this process has written there before: then a refusal may pass, and what was done must not be given up for it.</param>
    public static TrainerException Translate(string place, string endpoint, Exception error, bool proven = false) =>
        Translate(place, endpoint, error) is var translated && proven && translated is ConfigurationException refused
            ? new StorageException(place, $"it worked before in this run and is refused now ({refused.Message})", error)
            : translated;

    private static TrainerException Translate(string place, string endpoint, Exception error) => error switch
    {
        TrainerException known => known,
        AmazonS3Exception s3 => OfServer(place, endpoint, s3),
        AmazonServiceException service => OfWay(place, endpoint, service),
        AmazonClientException client when IsAboutCredentials(client) => new ConfigurationException(
            $"{place}: no credentials for {endpoint} were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (secretRef of the job), or give the pod an identity", client),
        _ => OfWay(place, endpoint, error),
    };

    /// <summary>Whether it says that there is no such object.</summary>
    public static bool IsMissing(AmazonS3Exception error) =>
        error.StatusCode == HttpStatusCode.NotFound && error.ErrorCode is not "NoSuchBucket";

    private static TrainerException OfServer(string place, string endpoint, AmazonS3Exception error) => error.ErrorCode switch
    {
        "NoSuchBucket" => Wrong(place, "there is no such bucket", "Create it, or correct the name", error),
        "InvalidBucketName" => Wrong(place, "the server refuses the bucket's name", "Correct it", error),
        "InvalidAccessKeyId" => Wrong(place, $"{endpoint} does not know the access key", "Correct AWS_ACCESS_KEY_ID, or the Secret of secretRef", error),
        "SignatureDoesNotMatch" => Wrong(place, $"{endpoint} refuses the signature", "Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the Secret of secretRef; also look at AWS_REGION", error),
        "AuthorizationHeaderMalformed" or "PermanentRedirect" => Wrong(place, $"the bucket is not in the region asked ({error.Message})", "Set AWS_REGION to the region of the bucket", error),
        "RequestTimeTooSkewed" => Later(place, "the clocks of this machine and of the server differ by too much", "Synchronise this machine's clock", error),
        "ExpiredToken" => Later(place, "the session token has expired", "Renew AWS_SESSION_TOKEN, or use keys that stay valid", error),
        "QuotaExceeded" or "EntityTooLarge" => Later(place, $"the storage takes no more ({error.Message})", "Free some, raise the quota, or keep fewer checkpoints", error),
        _ when error.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => Wrong(
            place, $"access denied by {endpoint}", "Let the owner of the access key list the bucket, and read, write and delete objects below the prefix", error),
        _ when error.StatusCode == HttpStatusCode.MovedPermanently => Wrong(place, "the bucket is not in the region asked", "Set AWS_REGION to the region of the bucket", error),
        _ when IsMissing(error) => Later(place, "it does not exist", "Something removed it while the run was using it", error),
        _ => Later(place, $"{endpoint} answered {(int)error.StatusCode} {error.ErrorCode}: {FirstLine(error)}", "Look at the server; the next attempt may do better", error),
    };

    private static StorageException OfWay(string place, string endpoint, Exception error)
    {
        var cause = error;
        while (cause.InnerException is { } inner) cause = inner;
        return Later(
            place, $"no answer from {endpoint} ({FirstLine(cause)})", "Correct AWS_ENDPOINT_URL, or see that this machine reaches the server", error);
    }

    private static bool IsAboutCredentials(AmazonClientException error) =>
        error.Message.Contains("credentials", StringComparison.OrdinalIgnoreCase) || error.Message.Contains("Instance Metadata", StringComparison.OrdinalIgnoreCase);

    private static ConfigurationException Wrong(string place, string problem, string fix, Exception inner) => new($"{place}: {problem}. {fix}", inner);

    private static StorageException Later(string place, string problem, string fix, Exception inner) => new(place, $"{problem}. {fix}", inner);

    private static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0].TrimEnd('.', '\r');
}
