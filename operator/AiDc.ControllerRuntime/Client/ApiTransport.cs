using System.Net;
using System.Text.Json;
using AiDc.ControllerRuntime.Json;
using k8s;
using k8s.Models;

namespace AiDc.ControllerRuntime.Client;

/// <summary>
/// HTTP to the API server over the connections and credentials of one <see cref="Kubernetes"/>: the typed calls of that
/// class parse answers twice and know no retry, so requests are made here as bytes.
/// </summary>
internal sealed class ApiTransport(
    Kubernetes kubernetes, string? tlsServerName, TimeProvider clock, Func<double> random, RuntimeMetrics metrics, TokenBucket? limit, int maxAttempts)
{
    private readonly Uri root = new(kubernetes.BaseUri.AbsoluteUri.TrimEnd('/') + "/");

    /// <summary>Sends, with retries, and reads the answer; every failure is an <see cref="ApiException"/>.</summary>
    public async Task<TResult> SendAsync<TResult>(
        ApiCall call, Func<HttpResponseMessage, CancellationToken, ValueTask<TResult>> read, TimeSpan timeout, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (limit?.Reserve() is { } wait && wait > TimeSpan.Zero) await Task.Delay(wait, clock, ct);
            ApiException error;
            RequestFailure failure;
            try
            {
                return await SendOnceAsync(call, read, timeout, ct);
            }
            catch (ApiException e)
            {
                error = e;
                failure = new(RequestFailureKind.Answered, e.Code, e.Reason, e.RetryAfter);
            }
            catch (Exception e) when (Classify(e, ct) is { } kind)
            {
                var what = kind == RequestFailureKind.TimedOut ? $"no answer within {timeout.TotalSeconds:0.#} s" : e.Message;
                error = new($"{call.Method} {call.Path}: {what}", e);
                failure = new(kind, 0, null, null);
            }
            if (attempt >= maxAttempts || RetryPolicy.Delay(call.IsIdempotent, failure, attempt, random()) is not { } delay) throw error;
            metrics.ApiRetried(call.Verb, call.Resource.Plural);
            await Task.Delay(delay, clock, ct);
        }
    }

    /// <summary>Sends once and returns when the head of the answer is there; a refusal is an <see cref="ApiException"/>.</summary>
    public async Task<HttpResponseMessage> OpenAsync(ApiCall call, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(call.Method, new Uri(root, call.Path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.TryAddWithoutValidation("Accept", call.Accept);
        if (tlsServerName is not null) request.Headers.Host = tlsServerName;
        if (call.ContentType is not null)
        {
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = call.ContentType;
        }
        if (kubernetes.Credentials is { } credentials) await credentials.ProcessHttpRequestAsync(request, ct);
        var start = clock.GetTimestamp();
        var code = 0;
        try
        {
            var response = await kubernetes.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
            code = (int)response.StatusCode;
            if (response.IsSuccessStatusCode) return response;
            using (response) throw await RefusalAsync(call, response, ct);
        }
        finally
        {
            metrics.ApiRequested(call.Verb, call.Resource.Plural, code, clock.GetElapsedTime(start));
        }
    }

    private async Task<TResult> SendOnceAsync<TResult>(
        ApiCall call, Func<HttpResponseMessage, CancellationToken, ValueTask<TResult>> read, TimeSpan timeout, CancellationToken ct)
    {
        using var deadline = new CancellationTokenSource(timeout, clock);
        using var either = ct.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ct, deadline.Token) : null;
        var token = either?.Token ?? deadline.Token;
        using var response = await OpenAsync(call, token);
        return await read(response, token);
    }

    private static RequestFailureKind? Classify(Exception e, CancellationToken ct) => e switch
    {
        _ when ct.IsCancellationRequested => null,
        OperationCanceledException => RequestFailureKind.TimedOut,
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
        } => RequestFailureKind.NeverSent,
        HttpRequestException or IOException or JsonException => RequestFailureKind.Broken,
        _ => null,
    };

    private async Task<ApiException> RefusalAsync(ApiCall call, HttpResponseMessage response, CancellationToken ct)
    {
        V1Status? status = null;
        var body = await response.Content.ReadAsByteArrayAsync(ct);
        try
        {
            // What stands between us and the server answers in HTML or plain text.
            if (body.Length > 0 && body[0] == (byte)'{') status = JsonSerializer.Deserialize(body, RuntimeJson.TypeInfo<V1Status>());
        }
        catch (JsonException)
        {
            status = null;
        }
        var retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - clock.GetUtcNow(),
            _ when status?.Details?.RetryAfterSeconds is > 0 and var seconds => TimeSpan.FromSeconds(seconds),
            _ => (TimeSpan?)null,
        };
        return new(response.StatusCode, status, $"{call.Method} {call.Path}", retryAfter < TimeSpan.Zero ? TimeSpan.Zero : retryAfter);
    }
}
