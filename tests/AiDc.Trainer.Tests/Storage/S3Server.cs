using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AiDc.Trainer.Storage;
using Amazon.S3;

namespace AiDc.Trainer.Tests.Storage;

/// <summary>OpenStack Swift with its S3 API as a process of its own, see hack/s3-server.py.</summary>
internal sealed class S3Server : IDisposable
{
    public const string Secret = "hush-hush";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("aidc-s3-").FullName;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private int _buckets;

    private S3Server(int port)
    {
        Endpoint = $"http://127.0.0.1:{port}";
        var start = new ProcessStartInfo("/usr/bin/python3", [Script, _folder, $"{port}"]) { RedirectStandardInput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _errors = _process.StandardError.ReadToEndAsync();
    }

    public string Endpoint { get; }

    private static string Script
    {
        get
        {
            var folder = new DirectoryInfo(TestContext.CurrentContext.TestDirectory);
            while (!File.Exists(Path.Combine(folder.FullName, "AiDc.sln"))) folder = folder.Parent!;
            return Path.Combine(folder.FullName, "hack", "s3-server.py");
        }
    }

    /// <summary>What the trainer's environment says of this server.</summary>
    public Dictionary<string, string> Environment(string secret = Secret, string id = "test:tester") => new()
    {
        ["AWS_ENDPOINT_URL"] = Endpoint, ["AWS_ACCESS_KEY_ID"] = id, ["AWS_SECRET_ACCESS_KEY"] = secret, ["AWS_REGION"] = "us-east-1",
    };

    /// <summary>Starts one; where Swift is not installed the test is skipped.</summary>
    public static S3Server Start()
    {
        if (!Directory.Exists("/usr/lib/python3/dist-packages/swift")) Assert.Ignore("no S3 server on this machine: hack/setup.sh s3 installs OpenStack Swift");
        var server = new S3Server(FreePorts());
        if (SpinWait.SpinUntil(() => server._process.HasExited || server.Answers(), Patience) && !server._process.HasExited) return server;
        server.Dispose();
        throw new InvalidOperationException($"the S3 server did not start: {server._errors.GetAwaiter().GetResult()}");
    }

    public StorageFolders Folders(Dictionary<string, string>? environment = null) => new((environment ?? Environment()).GetValueOrDefault);

    /// <summary>The server's own view, past all code that is tested.</summary>
    public IAmazonS3 Client() => S3Bucket.Connect(S3Settings.FromEnvironment(Environment().GetValueOrDefault));

    public string NewBucket()
    {
        using var client = Client();
        var name = $"bucket-{Interlocked.Increment(ref _buckets)}";
        client.PutBucketAsync(name).GetAwaiter().GetResult();
        return name;
    }

    public IReadOnlyList<string> Keys(string bucket)
    {
        using var client = Client();
        return [.. (client.ListObjectsV2Async(new() { BucketName = bucket }).GetAwaiter().GetResult().S3Objects ?? []).Select(o => o.Key)];
    }

    public IReadOnlyList<string> Uploads(string bucket)
    {
        using var client = Client();
        return [.. (client.ListMultipartUploadsAsync(new Amazon.S3.Model.ListMultipartUploadsRequest { BucketName = bucket }).GetAwaiter().GetResult().MultipartUploads ?? []).Select(u => u.Key)];
    }

    public void Put(string bucket, string key, byte[] content)
    {
        using var client = Client();
        using var body = new MemoryStream(content);
        client.PutObjectAsync(new() { BucketName = bucket, Key = key, InputStream = body, UseChunkEncoding = false }).GetAwaiter().GetResult();
    }

    public byte[] Get(string bucket, string key)
    {
        using var client = Client();
        using var response = client.GetObjectAsync(bucket, key).GetAwaiter().GetResult();
        using var content = new MemoryStream();
        response.ResponseStream.CopyTo(content);
        return content.ToArray();
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(TimeSpan.FromSeconds(10))) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private bool Answers()
    {
        try
        {
            using var client = Client();
            client.ListBucketsAsync().GetAwaiter().GetResult();
            return true;
        }
        catch (Exception error) when (error is AmazonS3Exception or Amazon.Runtime.AmazonClientException or HttpRequestException)
        {
            return false;
        }
    }

    /// <summary>The first of four that follow each other.</summary>
    private static int FreePorts()
    {
        for (var first = 20_000 + (System.Environment.ProcessId % 2_000 * 5); first < 32_000; first += 5)
        {
            if (Enumerable.Range(first, 4).All(IsFree)) return first;
        }

        throw new InvalidOperationException("no four free ports in a row");

        static bool IsFree(int port)
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }
}
