namespace AiDc.Gateway.Replicas;

/// <summary>Sends bodies of unknown length as they come.</summary>
internal sealed class PartByPartHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is { Headers.ContentLength: null } content) request.Content = new FlushingContent(content);
        return base.SendAsync(request, cancellationToken);
    }
}
