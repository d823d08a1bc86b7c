package main

import (
	"context"

	"github.com/argoproj/argo-workflows/v4/pkg/apis/workflow/v1alpha1"
	"github.com/argoproj/argo-workflows/v4/pkg/client/clientset/versioned"
	"github.com/argoproj/argo-workflows/v4/util/expr/env"
	"github.com/argoproj/argo-workflows/v4/util/logging"
	"github.com/argoproj/argo-workflows/v4/util/template"
	"github.com/argoproj/argo-workflows/v4/workflow/common"
	"github.com/argoproj/argo-workflows/v4/workflow/controller"
	"github.com/argoproj/argo-workflows/v4/workflow/templateresolution"
	"github.com/argoproj/argo-workflows/v4/workflow/validate"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

type (
	Template    = v1alpha1.WorkflowTemplate
	TemplateRef = v1alpha1.WorkflowTemplateRef
	Workflow    = v1alpha1.Workflow
)

var (
	cluster   = &templateresolution.NullClusterWorkflowTemplateGetter{}
	functions = env.GetFuncMap
	ctx       = logging.WithLogger(context.Background(), logging.NewSlogLogger(logging.Error, logging.Text))
)

func (templates getter) Get(_ context.Context, name string) (*Template, error) {
	return templates.find(name)
}

func parse(data []byte) []common.ParseResult { return common.ParseObjects(ctx, data, true) }

func lintTemplate(templates getter, object *Template) error {
	return validate.ValidateWorkflowTemplate(ctx, templates, cluster, object, nil, validate.ValidateOpts{Lint: true})
}

func lintWorkflow(templates getter, object *Workflow) error {
	return validate.ValidateWorkflow(ctx, templates, cluster, object, nil, validate.ValidateOpts{Lint: true})
}

func replace(text string, variables map[string]string) (string, error) {
	return template.Replace(ctx, text, variables, true)
}

func runController(config *rest.Config, core kubernetes.Interface, namespace, configMap string) error {
	workflows := versioned.NewForConfigOrDie(config)
	argo, err := controller.NewWorkflowController(ctx, config, core, workflows, namespace, namespace, "argoexec", "", "text", configMap, false)
	if err != nil {
		return err
	}
	argo.Run(ctx, 4, 1, 1, 1, 1)
	return nil
}
